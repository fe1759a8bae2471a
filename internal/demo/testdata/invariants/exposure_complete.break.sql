-- A shipped lot was forgotten.
DELETE FROM exposure WHERE (lot_id, cause_id) = (
    SELECT e.lot_id, e.cause_id FROM exposure e JOIN lot l ON l.id = e.lot_id WHERE l.status = 'SHIPPED' AND e.ended_at IS NULL ORDER BY 1, 2 LIMIT 1)
