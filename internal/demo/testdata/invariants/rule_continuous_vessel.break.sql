-- The heel stayed behind.
UPDATE lot SET remaining_kg = 1 WHERE id = (SELECT id FROM lot WHERE code LIKE 'SILO-%' AND status = 'CONSUMED' ORDER BY id LIMIT 1)
