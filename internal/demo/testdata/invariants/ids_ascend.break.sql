-- A lot was registered earlier than its id says.
UPDATE lot SET registered_at = registered_at - interval '1 hour' WHERE id = (SELECT id FROM lot ORDER BY id OFFSET 100 LIMIT 1)
