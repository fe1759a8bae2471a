-- DOMAIN 2 and 3.1: only released lots are consumed or shipped. At the moment of its use a lot had a PASS as its latest
-- decision at every BLOCKING gate of lots that applies to its type. Samples and waste may always be taken.
SELECT l.code, t.kind, t.occurred_at, g.number
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING' AND g.per_lot
WHERE t.voided_at IS NULL AND t.kind NOT IN ('SAMPLE', 'WASTE')
  AND 'PASS' IS DISTINCT FROM (
      SELECT d.decision FROM qc_decision d
      WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.decided_at <= t.occurred_at
      ORDER BY d.decided_at DESC, d.id DESC LIMIT 1)
