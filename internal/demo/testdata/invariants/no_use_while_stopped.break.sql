-- A hold began before the lot was used.
UPDATE hold SET held_at = held_at - interval '10 days' WHERE ended_at IS NULL
