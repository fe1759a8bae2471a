-- A delivery on a Sunday.
UPDATE lot SET occurred_at = '2026-10-11 08:00+02' WHERE id = (SELECT id FROM lot WHERE code LIKE 'RAW-%' ORDER BY id LIMIT 1)
