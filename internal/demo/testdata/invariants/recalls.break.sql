-- The exercise held its suspect.
UPDATE hold SET recall_id = (SELECT id FROM recall LIMIT 1) WHERE id = (SELECT max(id::text)::uuid FROM hold)
