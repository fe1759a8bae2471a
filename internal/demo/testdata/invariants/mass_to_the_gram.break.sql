-- One gram is lost.
UPDATE lot SET remaining_kg = remaining_kg - 0.001 WHERE id = (SELECT id FROM lot WHERE remaining_kg > 1 ORDER BY id LIMIT 1)
