-- One delivery was of another species.
UPDATE lot SET attributes = attributes || '{"species": "TURKEY"}'
WHERE id = (SELECT id FROM lot WHERE code LIKE 'RAW-%' AND attributes ->> 'species' = 'CHICKEN' ORDER BY id LIMIT 1)
