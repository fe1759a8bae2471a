-- DOMAIN 3.6: in = consumed + shipped + sampled + wasted + remaining, to the gram, for every weighed lot, and to the piece for
-- every counted one. What a voided transformation took does not count; what a stocktake finds is unaccounted, and stands in the log.
SELECT l.code, l.weight_kg, l.remaining_kg, l.quantity, l.remaining_quantity, taken.kg, taken.pieces
FROM lot l
CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.quantity_kg), 0) AS kg, coalesce(sum(i.quantity), 0) AS pieces
    FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL
) taken
CROSS JOIN LATERAL (
    SELECT coalesce(sum((a.before ->> 'remainingKg')::numeric - (a.after ->> 'remainingKg')::numeric), 0) AS kg,
           coalesce(sum((a.before ->> 'remainingQuantity')::numeric - (a.after ->> 'remainingQuantity')::numeric), 0) AS pieces
    FROM audit_event a WHERE a.subject_id = l.id AND a.action = 'CORRECT_LOT'
) unaccounted
WHERE l.weight_kg <> taken.kg + unaccounted.kg + l.remaining_kg OR l.quantity <> taken.pieces + unaccounted.pieces + l.remaining_quantity
   OR (l.weight_kg IS NULL) <> (l.remaining_kg IS NULL) OR (l.quantity IS NULL) <> (l.remaining_quantity IS NULL)
