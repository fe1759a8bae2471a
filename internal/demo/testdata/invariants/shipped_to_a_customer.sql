-- DOMAIN 1, one step back and one step forward: each SHIP names its customer and has no output, and what a receipt's supplier sent is
-- theirs. In the demo each receipt names its supplier, and pallets are consumed by their shipment.
SELECT t.kind::text, t.id FROM transformation t WHERE t.kind = 'SHIP' AND t.partner_id IS NULL
UNION ALL
SELECT 'output of a SHIP', t.id FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id WHERE t.kind = 'SHIP'
UNION ALL
SELECT 'supplier of a lot', l.id
FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id JOIN lot l ON l.id = o.lot_id
WHERE t.kind = 'RECEIVE' AND t.voided_at IS NULL AND l.supplier_id IS DISTINCT FROM t.partner_id
-- Of the demo alone:
UNION ALL
SELECT t.kind::text, t.id FROM transformation t WHERE t.kind = 'RECEIVE' AND t.partner_id IS NULL
UNION ALL
SELECT 'supplier''s code of a lot', l.id
FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id JOIN lot l ON l.id = o.lot_id
WHERE t.kind = 'RECEIVE' AND NOT l.attributes ? 'supplierLotCode'
UNION ALL
SELECT 'pallet of a shipment', p.id
FROM lot l JOIN lot_genealogy g ON g.child_id = l.id JOIN lot p ON p.id = g.parent_id
WHERE l.status = 'SHIPPED' AND p.status <> 'CONSUMED'
