-- A lot got out of quarantine by itself.
UPDATE lot SET status = 'RELEASED' WHERE id = (SELECT id FROM lot WHERE status = 'QUARANTINE' ORDER BY id LIMIT 1)
