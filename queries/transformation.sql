-- name: TransformationsByIDs :many
SELECT * FROM transformation WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: TransformationInputsByTransformations :many
SELECT * FROM transformation_input WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: TransformationOutputsByTransformations :many
SELECT * FROM transformation_output WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: MassBalancesByLots :many
-- What went where, from the transformations in force. Shipped is what is still outside, and was not used there: documents
-- of others tell of the same lot that it left, that it came, and what was made of it elsewhere.
SELECT l.id, l.weight_kg, l.remaining_kg,
       coalesce(taken.consumed, 0)::numeric(14, 3) AS consumed_kg,
       least(outside(moved.kg, l.weight_kg), greatest(l.weight_kg - coalesce(taken.kg, 0), 0))::numeric(14, 3) AS shipped_kg,
       coalesce(taken.sampled, 0)::numeric(14, 3) AS sampled_kg,
       coalesce(taken.wasted, 0)::numeric(14, 3) AS wasted_kg
FROM lot l
LEFT JOIN LATERAL (
    SELECT sum(i.quantity_kg) AS kg,
           sum(i.quantity_kg) FILTER (WHERE t.kind NOT IN ('SAMPLE', 'WASTE')) AS consumed,
           sum(i.quantity_kg) FILTER (WHERE t.kind = 'SAMPLE') AS sampled,
           sum(i.quantity_kg) FILTER (WHERE t.kind = 'WASTE') AS wasted
    FROM transformation_input i
    JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind <> 'SHIP'
) taken ON true
LEFT JOIN LATERAL (
    SELECT array_agg(way.kg ORDER BY way.occurred_at, way.id) FILTER (WHERE way.kg IS NOT NULL) AS kg
    FROM (
        SELECT t.occurred_at, t.id, i.quantity_kg AS kg
        FROM transformation_input i
        JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'SHIP'
        UNION ALL
        SELECT t.occurred_at, t.id, -o.quantity_kg
        FROM transformation_output o
        JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
        WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'RECEIVE'
    ) way
) moved ON true
WHERE l.id = ANY(@lot_ids::uuid[]) AND l.weight_kg IS NOT NULL
ORDER BY l.id;

-- name: VoidTransformations :exec
-- Many at once, each with its reason; replaced_by_ids has the zero uuid where nothing replaces one.
UPDATE transformation t
SET voided_at = @voided_at, void_reason = v.reason, replaced_by_id = nullif(v.replaced_by_id, '00000000-0000-0000-0000-000000000000')
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@reasons::text[]) AS reason, unnest(@replaced_by_ids::uuid[]) AS replaced_by_id) v
WHERE t.id = v.id AND t.site_id = @site_id AND t.voided_at IS NULL;

-- name: UnlinkTransformations :exec
-- Takes the pairs of voided transformations out of force; their inputs and outputs still tell them to a trace as of then.
DELETE FROM lot_genealogy g
USING transformation_output o
WHERE o.transformation_id = ANY(@transformation_ids::uuid[]) AND g.child_id = o.lot_id AND g.transformation_id = o.transformation_id;
