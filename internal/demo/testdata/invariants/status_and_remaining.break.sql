-- Something remains of a consumed lot.
UPDATE lot SET remaining_kg = 1 WHERE id = (SELECT id FROM lot WHERE status = 'CONSUMED' AND weight_kg > 1 ORDER BY id LIMIT 1)
