-- A pallet's allergens were forgotten.
UPDATE lot SET attributes = attributes - 'allergens'
WHERE id = (SELECT id FROM lot WHERE code LIKE 'PAL-%' AND attributes ? 'allergens' ORDER BY id LIMIT 1)
