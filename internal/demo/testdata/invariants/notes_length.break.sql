-- Spaces are no reason.
UPDATE hold SET end_reason = repeat(' ', 20) WHERE id = (SELECT id FROM hold WHERE ended_at IS NOT NULL ORDER BY id LIMIT 1)
