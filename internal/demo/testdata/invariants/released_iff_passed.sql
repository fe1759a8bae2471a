-- DOMAIN 2: a lot that is there is RELEASED when every BLOCKING gate that applies to its type has a PASS, at birth where none
-- applies, and in QUARANTINE before. A line passes a lot between two checks, on what it was made on, that are both a PASS. A hold that was released counts as a PASS,
-- and at a gate with positive release no result yet is enough.
WITH standing AS (
    SELECT c.* FROM qc_decision c WHERE c.lot_id IS NULL AND NOT EXISTS (SELECT FROM qc_decision d WHERE d.supersedes_id = c.id AND d.site_id = c.site_id)
), made AS (
    SELECT o.lot_id, o.site_id, t.equipment FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    WHERE t.voided_at IS NULL AND t.equipment IS NOT NULL
), judged AS (
    SELECT l.id, l.site_id, bool_and(coalesce(
        (SELECT x.passed FROM (
             SELECT d.decision = 'PASS' AS passed, d.decided_at AS at, d.id FROM qc_decision d WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id
             UNION ALL
             SELECT true, h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
             WHERE h.lot_id = l.id AND h.site_id = l.site_id AND coalesce(d.gate_id, h.gate_id) = g.id AND h.recall_id IS NULL AND h.outcome = 'RELEASED'
         ) x ORDER BY x.at DESC, x.id DESC LIMIT 1),
        CASE WHEN g.per_lot THEN g.positive_release ELSE
            (SELECT c.decision = 'PASS' FROM standing c WHERE c.run_id = l.run_id AND c.gate_id = g.id AND c.checked_at <= l.occurred_at
                AND (c.equipment IS NULL OR made.equipment IS NULL OR c.equipment = made.equipment) ORDER BY c.checked_at DESC, c.id DESC LIMIT 1)
            AND coalesce((SELECT c.decision = 'PASS' FROM standing c WHERE c.run_id = l.run_id AND c.gate_id = g.id AND c.checked_at > l.occurred_at
                AND (c.equipment IS NULL OR made.equipment IS NULL OR c.equipment = made.equipment) ORDER BY c.checked_at, c.id LIMIT 1), g.positive_release) END,
        false)) AS passed
    FROM lot l
    JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
    JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING'
    LEFT JOIN made ON made.lot_id = l.id AND made.site_id = l.site_id
    WHERE l.status IN ('QUARANTINE', 'RELEASED')
    GROUP BY l.id, l.site_id
)
SELECT l.code, l.status, j.passed
FROM lot l LEFT JOIN judged j ON j.id = l.id AND j.site_id = l.site_id
WHERE l.status IN ('QUARANTINE', 'RELEASED') AND (l.status = 'RELEASED') <> coalesce(j.passed, true)
