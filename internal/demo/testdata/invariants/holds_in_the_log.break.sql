-- Somebody else's release.
UPDATE audit_event SET user_id = gen_random_uuid() WHERE id = (SELECT id FROM audit_event WHERE action = 'RELEASE_LOT' ORDER BY id LIMIT 1)
