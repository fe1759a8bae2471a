-- A rod of 15 kg lies on a pallet of 30 kg.
UPDATE lot SET attributes = attributes || '{"sku": "CHICKEN-15"}'
WHERE id = (SELECT id FROM lot WHERE code LIKE 'FG30-%' AND status = 'CONSUMED' ORDER BY id LIMIT 1)
