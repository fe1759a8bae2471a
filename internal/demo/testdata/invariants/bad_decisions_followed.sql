-- DOMAIN 1 and 3.4: a HOLD or FAIL about a lot opens a hold on it in the same moment, and raises an alert; so does one about the line.
SELECT 'no hold' AS fault, d.id FROM qc_decision d
WHERE d.decision <> 'PASS' AND d.lot_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM hold h WHERE h.decision_id = d.id AND h.lot_id = d.lot_id AND h.held_at = d.decided_at AND h.held_by = d.decided_by)
UNION ALL
SELECT 'no alert', d.id FROM qc_decision d
WHERE d.decision <> 'PASS' AND NOT EXISTS (
    SELECT FROM alert a WHERE a.raised_at = d.decided_at AND a.lot_id IS NOT DISTINCT FROM d.lot_id AND a.run_id IS NOT DISTINCT FROM d.run_id
    AND a.kind::text = 'QC_' || d.decision)
UNION ALL
SELECT 'a hold by a PASS', h.id FROM hold h JOIN qc_decision d ON d.id = h.decision_id WHERE d.decision = 'PASS'
