-- DOMAIN 2, 3.1 and 3.5: a lot that passed a line with a BLOCKING check was used only when, on what it was made on, the last check before it was a PASS and the
-- first one after it was no other, as was known then, or the lot had a PASS of its own: a hold that was released counts as one. Only at
-- a gate with positive release did the lot move on before there was a check after it. A decision that supersedes another is about the
-- same check.
-- What a correction says was used so is judged by what is known then: what came out is held.
WITH used AS (
    SELECT t.*, o.id IS NOT NULL AS corrects, CASE WHEN o.id IS NULL THEN t.occurred_at ELSE t.recorded_at END AS judged_at
    FROM transformation t LEFT JOIN transformation o ON o.replaced_by_id = t.id
    WHERE t.voided_at IS NULL AND t.kind NOT IN ('SAMPLE', 'WASTE')
)
SELECT l.code, t.kind, t.occurred_at, g.number
FROM used t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING' AND NOT g.per_lot
LEFT JOIN LATERAL (
    SELECT m.equipment FROM transformation_output o JOIN transformation m ON m.id = o.transformation_id
    WHERE o.lot_id = l.id AND o.site_id = l.site_id AND m.equipment IS NOT NULL AND m.recorded_at <= t.judged_at AND coalesce(m.voided_at > t.judged_at, true) LIMIT 1
) made ON true
CROSS JOIN LATERAL (SELECT
    (SELECT x.passed FROM (
         SELECT d.decision = 'PASS' AS passed, d.decided_at AS at, d.id FROM qc_decision d
         WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.decided_at <= t.judged_at
         UNION ALL
         SELECT true, h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
         WHERE h.lot_id = l.id AND h.site_id = l.site_id AND coalesce(d.gate_id, h.gate_id) = g.id AND h.recall_id IS NULL AND h.outcome = 'RELEASED' AND h.ended_at <= t.judged_at
     ) x ORDER BY x.at DESC, x.id DESC LIMIT 1) AS own,
    (SELECT c.decision = 'PASS' FROM qc_decision c
     WHERE c.lot_id IS NULL AND c.run_id = l.run_id AND c.site_id = l.site_id AND c.gate_id = g.id AND c.checked_at <= l.occurred_at AND c.decided_at <= t.judged_at
       AND (c.equipment IS NULL OR made.equipment IS NULL OR c.equipment = made.equipment)
     ORDER BY c.checked_at DESC, c.decided_at DESC LIMIT 1) AS before,
    (SELECT c.decision = 'PASS' FROM qc_decision c
     WHERE c.lot_id IS NULL AND c.run_id = l.run_id AND c.site_id = l.site_id AND c.gate_id = g.id AND c.checked_at > l.occurred_at AND c.decided_at <= t.judged_at
       AND (c.equipment IS NULL OR made.equipment IS NULL OR c.equipment = made.equipment)
     ORDER BY c.checked_at, c.decided_at DESC LIMIT 1) AS after
) known
WHERE (NOT t.corrects OR EXISTS (
      SELECT FROM lot c
      WHERE c.id IN (SELECT o.lot_id FROM transformation_output o WHERE o.transformation_id = t.id UNION ALL SELECT i.lot_id WHERE t.kind = 'SHIP')
        AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h WHERE h.lot_id = c.id AND h.held_at <= t.recorded_at AND coalesce(h.ended_at, 'infinity') >= t.recorded_at)))
  AND NOT coalesce(known.own, known.before AND coalesce(known.after, g.positive_release), false)
