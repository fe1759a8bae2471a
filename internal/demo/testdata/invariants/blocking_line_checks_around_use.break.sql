-- The check that followed was no PASS.
UPDATE qc_decision SET decision = 'FAIL', notes = 'The test piece was not rejected',
    deviation_id = (SELECT v.id FROM deviation v WHERE v.site_id = qc_decision.site_id ORDER BY v.id LIMIT 1)
WHERE id = (SELECT d.id FROM qc_decision d JOIN qc_gate g ON g.id = d.gate_id JOIN run r ON r.id = d.run_id
            WHERE NOT g.per_lot AND r.status = 'ARCHIVED' ORDER BY d.id DESC LIMIT 1)
