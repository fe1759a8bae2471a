-- DOMAIN 1: a lot is held while a hold is open on it.
SELECT l.code FROM lot l
WHERE l.held <> EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.ended_at IS NULL)
