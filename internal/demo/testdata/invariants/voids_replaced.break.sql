-- A voided transformation names no replacement.
UPDATE transformation SET replaced_by_id = NULL WHERE voided_at IS NOT NULL
