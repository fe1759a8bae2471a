-- DOMAIN 1: of a lot that isn't intricate, as those of documents are, its row tells where all that it weighed is. What went away went with one shipment, whole; nothing was sampled or
-- wasted; and what doesn't remain went into other lots, to the gram.
SELECT l.code, l.weight_kg, l.remaining_kg, l.quantity, l.remaining_quantity, l.shipment_id, u.kg, u.shipments, u.spent
FROM lot l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.quantity_kg), 0) AS kg, coalesce(sum(i.quantity), 0) AS pieces, coalesce(bool_or(t.kind IN ('SAMPLE', 'WASTE')), false) AS spent,
           array_agg(t.id) FILTER (WHERE t.kind = 'SHIP') AS shipments, count(*) AS uses
    FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL
) u
WHERE NOT l.intricate AND (
    l.source = 'IMPORT' OR u.spent OR l.weight_kg <> l.remaining_kg + u.kg OR l.quantity <> l.remaining_quantity + u.pieces
    OR u.shipments IS DISTINCT FROM CASE WHEN l.shipment_id IS NOT NULL THEN ARRAY[l.shipment_id] END
    OR l.shipment_id IS NOT NULL AND (u.uses > 1 OR coalesce(l.remaining_kg, l.remaining_quantity, 0) <> 0)
)
