-- A mix was made before the meat.
UPDATE lot SET occurred_at = occurred_at - interval '1 day' WHERE id = (SELECT id FROM lot WHERE code LIKE 'MIX-%' AND status = 'CONSUMED' ORDER BY id LIMIT 1)
