-- Nobody knows who received it.
UPDATE transformation SET partner_id = NULL WHERE id = (SELECT id FROM transformation WHERE kind = 'SHIP' ORDER BY id LIMIT 1)
