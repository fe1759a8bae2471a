-- Of the demo alone:
-- DOMAIN 1 and 2: a lot of a completed run has a decision at each gate of lots that applies to its type; where the gate does not
-- block, an alert may say instead that the check was missed, or that a limit of an INFO gate was not met.
SELECT l.code, g.number
FROM run r
JOIN lot l ON l.run_id = r.id AND l.site_id = r.site_id
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.per_lot
WHERE r.status IN ('COMPLETED', 'ARCHIVED')
  AND NOT EXISTS (SELECT FROM qc_decision d WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id)
  AND NOT (g.mode <> 'BLOCKING' AND EXISTS (
      SELECT FROM alert a WHERE a.lot_id = l.id AND a.site_id = l.site_id
      AND a.kind = CASE g.mode WHEN 'INFO' THEN 'YIELD_OUT_OF_BAND'::alert_kind ELSE 'CHECK_MISSED' END))
