-- One goes on although its hold was released.
UPDATE exposure SET ended_at = NULL WHERE (lot_id, cause_id) = (SELECT lot_id, cause_id FROM exposure WHERE ended_at IS NOT NULL ORDER BY 1, 2 LIMIT 1)
