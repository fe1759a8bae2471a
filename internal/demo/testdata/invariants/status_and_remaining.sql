-- DOMAIN 2: CONSUMED when nothing remains; SHIPPED when it left by SHIP; REJECTED when a hold on it ended so, which is final.
SELECT l.code, l.status, l.remaining_kg, l.remaining_quantity
FROM lot l
CROSS JOIN LATERAL (SELECT
    coalesce(l.remaining_kg, l.remaining_quantity) = 0 AS empty,
    EXISTS (SELECT FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
            WHERE i.lot_id = l.id AND t.kind = 'SHIP' AND t.voided_at IS NULL) AS shipped,
    EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.outcome = 'REJECTED') AS rejected
) x
WHERE (l.status = 'SHIPPED') <> x.shipped OR (l.status = 'REJECTED') <> x.rejected
   OR (l.status = 'CONSUMED') <> (coalesce(x.empty, false) AND NOT x.shipped AND NOT x.rejected)
   OR l.status = 'SHIPPED' AND NOT x.empty
