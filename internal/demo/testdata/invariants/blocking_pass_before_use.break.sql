-- The decision came after the use.
UPDATE qc_decision SET decided_at = decided_at + interval '5 days'
WHERE id = (SELECT d.id FROM qc_decision d JOIN qc_gate g ON g.id = d.gate_id JOIN lot l ON l.id = d.lot_id
            WHERE g.mode = 'BLOCKING' AND l.status = 'CONSUMED' ORDER BY d.id LIMIT 1)
