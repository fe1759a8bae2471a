-- DOMAIN 2: CONSUMED when nothing remains; SHIPPED when what remained left by SHIP; REJECTED when a hold on it ended so while it was
-- there, which is final. What was announced and nobody made was dropped, or waits without an amount.
SELECT l.code, l.status, l.remaining_kg, l.remaining_quantity
FROM lot l
CROSS JOIN LATERAL (SELECT
    coalesce(l.remaining_kg, l.remaining_quantity) = 0 AS empty,
    EXISTS (SELECT FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
            WHERE i.lot_id = l.id AND t.kind = 'SHIP' AND t.voided_at IS NULL) AS shipped,
    EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.outcome = 'REJECTED') AS rejected
) x
WHERE l.status = 'SHIPPED' AND NOT (x.shipped AND x.empty) OR l.status = 'REJECTED' AND NOT x.rejected
   OR l.status IN ('QUARANTINE', 'RELEASED') AND (x.rejected OR x.empty)
   OR l.status = 'CONSUMED' AND NOT coalesce(x.empty, l.announced)
-- Of the demo alone:
UNION ALL
SELECT l.code, l.status, l.remaining_kg, l.remaining_quantity
FROM lot l
WHERE (l.status = 'SHIPPED') <> EXISTS (SELECT FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
                                        WHERE i.lot_id = l.id AND t.kind = 'SHIP' AND t.voided_at IS NULL)
   OR (l.status = 'REJECTED') <> EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.outcome = 'REJECTED')
