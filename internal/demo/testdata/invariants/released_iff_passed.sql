-- DOMAIN 2: a lot that is there is RELEASED when every BLOCKING gate that applies to its type has a PASS, at birth where none
-- applies, and in QUARANTINE before. A line passes a lot between two checks that are both a PASS.
WITH RECURSIVE chain AS (
    SELECT d.id, d.site_id, d.gate_id, d.run_id, d.decided_at AS checked_at, d.decision
    FROM qc_decision d WHERE d.lot_id IS NULL AND d.supersedes_id IS NULL
    UNION ALL
    SELECT d.id, d.site_id, c.gate_id, c.run_id, c.checked_at, d.decision
    FROM chain c JOIN qc_decision d ON d.supersedes_id = c.id AND d.site_id = c.site_id
), standing AS (
    SELECT c.* FROM chain c WHERE NOT EXISTS (SELECT FROM qc_decision d WHERE d.supersedes_id = c.id AND d.site_id = c.site_id)
), judged AS (
    SELECT l.id, l.site_id, bool_and(coalesce(
        (SELECT d.decision = 'PASS' FROM qc_decision d WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id ORDER BY d.decided_at DESC, d.id DESC LIMIT 1),
        NOT g.per_lot
        AND (SELECT c.decision = 'PASS' FROM standing c WHERE c.run_id = l.run_id AND c.gate_id = g.id AND c.checked_at <= l.occurred_at ORDER BY c.checked_at DESC LIMIT 1)
        AND (SELECT c.decision = 'PASS' FROM standing c WHERE c.run_id = l.run_id AND c.gate_id = g.id AND c.checked_at > l.occurred_at ORDER BY c.checked_at LIMIT 1),
        false)) AS passed
    FROM lot l
    JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
    JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING'
    WHERE l.status IN ('QUARANTINE', 'RELEASED')
    GROUP BY l.id, l.site_id
)
SELECT l.code, l.status, j.passed
FROM lot l LEFT JOIN judged j ON j.id = l.id AND j.site_id = l.site_id
WHERE l.status IN ('QUARANTINE', 'RELEASED') AND (l.status = 'RELEASED') <> coalesce(j.passed, true)
