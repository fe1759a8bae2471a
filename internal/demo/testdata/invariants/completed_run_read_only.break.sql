-- A lot of a completed run was shipped under it later.
UPDATE transformation SET recorded_at = recorded_at + interval '2 days'
WHERE id = (SELECT t.id FROM transformation t JOIN run r ON r.id = t.run_id WHERE t.kind = 'SHIP' AND r.status = 'ARCHIVED' ORDER BY t.id LIMIT 1)
