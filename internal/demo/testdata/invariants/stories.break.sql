-- Everything was released.
UPDATE hold SET ended_at = '2026-10-30 11:00+01', ended_by = held_by, outcome = 'RELEASED', end_reason = 'The supplier was wrong' WHERE ended_at IS NULL
