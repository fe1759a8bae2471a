-- DOMAIN 3.6: in = consumed + shipped + sampled + wasted + remaining, to the gram, for every weighed lot, and to the piece for
-- every counted one. What a voided transformation took does not count.
SELECT l.code, l.weight_kg, l.remaining_kg, l.quantity, l.remaining_quantity, taken.kg, taken.pieces
FROM lot l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.quantity_kg), 0) AS kg, coalesce(sum(i.quantity), 0) AS pieces
    FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL
) taken
WHERE l.weight_kg <> taken.kg + l.remaining_kg OR l.quantity <> taken.pieces + l.remaining_quantity
   OR (l.weight_kg IS NULL) <> (l.remaining_kg IS NULL) OR (l.quantity IS NULL) <> (l.remaining_quantity IS NULL)
