-- An ended run has no end.
UPDATE run SET ended_at = NULL WHERE id = (SELECT id FROM run WHERE status = 'ARCHIVED' ORDER BY id LIMIT 1)
