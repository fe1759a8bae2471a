-- Milk of 7.9 °C was let in.
UPDATE qc_decision SET measurements = jsonb_set(measurements, '{0,value}', '"7.9"')
WHERE id = (SELECT d.id FROM qc_decision d JOIN lot l ON l.id = d.lot_id WHERE l.code LIKE 'RAWM-%' ORDER BY d.id LIMIT 1)
