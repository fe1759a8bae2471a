-- DOMAIN 2 and 3.1: only released lots are consumed or shipped. At the moment of its use a lot had a PASS as its latest
-- decision at every BLOCKING gate of lots that applies to its type, or none yet at one with positive release; a hold that was released
-- counts as a PASS. Samples and waste may always be taken.
-- What a correction says was used so is judged by what is known then: what came out is held, or was since an earlier correction showed it.
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
JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING' AND g.per_lot
WHERE (NOT t.corrects OR EXISTS (
      SELECT FROM lot c
      WHERE c.id IN (SELECT o.lot_id FROM transformation_output o WHERE o.transformation_id = t.id UNION ALL SELECT i.lot_id WHERE t.kind = 'SHIP')
        AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h WHERE h.lot_id = c.id AND h.held_at <= t.recorded_at AND coalesce(h.ended_at, 'infinity') >= t.recorded_at)))
  AND NOT coalesce((
      SELECT x.passed FROM (
          SELECT d.decision = 'PASS' AS passed, d.decided_at AS at, d.id FROM qc_decision d
          WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.decided_at <= t.judged_at
          UNION ALL
          SELECT true, h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
          WHERE h.lot_id = l.id AND h.site_id = l.site_id AND coalesce(d.gate_id, h.gate_id) = g.id AND h.recall_id IS NULL AND h.outcome = 'RELEASED' AND h.ended_at <= t.judged_at
      ) x ORDER BY x.at DESC, x.id DESC LIMIT 1), g.positive_release)
