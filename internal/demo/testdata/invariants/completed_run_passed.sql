-- DOMAIN 2 and 3.1: a run is completed at its last phase, with a PASS for each of its lots at every BLOCKING gate of lots that
-- applies (a hold that was released counts as one), and with no such lot held, rejected or exposed at that moment. What never was, as a
-- correction says or since nobody made it, isn't asked for.
WITH completed AS (
    SELECT * FROM run r WHERE r.status = 'COMPLETED'
        OR r.status = 'ARCHIVED' AND EXISTS (SELECT FROM audit_event a WHERE a.subject_id = r.id AND a.action = 'COMPLETE_RUN')
), of_run AS (
    SELECT l.*, r.code AS run_code, r.ended_at FROM completed r JOIN lot l ON l.run_id = r.id AND l.site_id = r.site_id
    WHERE EXISTS (SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id WHERE o.lot_id = l.id AND coalesce(t.voided_at > r.ended_at, true))
)
SELECT r.code, 'not at the last phase' AS fault, NULL AS lot, NULL::numeric AS gate
FROM completed r JOIN phase p ON p.id = r.phase_id
WHERE p.number < (SELECT max(number) FROM phase WHERE scenario_id = r.scenario_id)
UNION ALL
SELECT l.run_code, 'no PASS', l.code, g.number
FROM of_run l
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING'
WHERE g.per_lot AND 'PASS' IS DISTINCT FROM (
    SELECT x.decision FROM (
        SELECT d.decision, d.decided_at AS at, d.id FROM qc_decision d
        WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.decided_at <= l.ended_at
        UNION ALL
        SELECT 'PASS', h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
        WHERE h.lot_id = l.id AND h.site_id = l.site_id AND coalesce(d.gate_id, h.gate_id) = g.id AND h.recall_id IS NULL AND h.outcome = 'RELEASED' AND h.ended_at <= l.ended_at
    ) x ORDER BY x.at DESC, x.id DESC LIMIT 1)
UNION ALL
SELECT r.code, 'no PASS of the line at the end', NULL, g.number
FROM completed r
JOIN qc_gate g ON g.scenario_id = r.scenario_id AND g.mode = 'BLOCKING' AND NOT g.per_lot
WHERE 'PASS' IS DISTINCT FROM (
    SELECT d.decision FROM qc_decision d
    WHERE d.run_id = r.id AND d.site_id = r.site_id AND d.lot_id IS NULL AND d.gate_id = g.id
      AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
    ORDER BY d.checked_at DESC, d.id DESC LIMIT 1)
UNION ALL
SELECT l.run_code, 'a lot was stopped', l.code, NULL
FROM of_run l
WHERE EXISTS (SELECT FROM qc_gate_lot_type a JOIN qc_gate g ON g.id = a.gate_id WHERE a.lot_type_id = l.lot_type_id AND g.mode = 'BLOCKING')
  AND (EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.held_at <= l.ended_at
               AND (coalesce(h.ended_at > l.ended_at, true) OR h.outcome = 'REJECTED' AND l.status = 'REJECTED'))
       OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.exposed_at <= l.ended_at AND coalesce(e.ended_at > l.ended_at, true)))
