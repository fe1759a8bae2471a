-- The run that was given up for its rejected lot counts as completed.
UPDATE run SET status = 'COMPLETED' WHERE id = (SELECT id FROM run WHERE status = 'ABORTED' ORDER BY id LIMIT 1)
