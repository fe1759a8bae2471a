-- Deboned meat stood for three hours.
UPDATE lot SET occurred_at = occurred_at - interval '3 hours' WHERE id = (SELECT id FROM lot WHERE code LIKE 'DEB-%' AND status = 'CONSUMED' ORDER BY id LIMIT 1)
