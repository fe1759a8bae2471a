-- name: TransformationsByIDs :many
SELECT * FROM transformation WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: TransformationInputsByTransformations :many
-- With what was received of other sites' lots, where the reader sees these.
SELECT transformation_id, lot_id, quantity_kg, quantity, unit FROM transformation_source
WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: OwnInputsByTransformations :many
SELECT * FROM transformation_input WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: LotsInUse :many
-- Of some lots, those that went into a transformation in force.
SELECT DISTINCT i.lot_id FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
WHERE i.lot_id = ANY(@lot_ids::uuid[]) AND t.voided_at IS NULL
ORDER BY i.lot_id;

-- name: TransformationOutputsByTransformations :many
SELECT * FROM transformation_output WHERE transformation_id = ANY(@transformation_ids::uuid[]) ORDER BY transformation_id, lot_id;

-- name: FirstUsesOfLots :many
-- When lots were first used by a transformation in force.
SELECT l.code, min(t.occurred_at)::timestamptz AS used_at
FROM transformation_input i
JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id AND t.voided_at IS NULL
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
WHERE i.lot_id = ANY(@lot_ids::uuid[])
GROUP BY l.code ORDER BY l.code;

-- name: MakingsBelow :many
-- The transformations in force that made some lots, and those that made anything of them, however many steps on.
WITH RECURSIVE below AS (
    SELECT unnest(@lot_ids::uuid[]) AS lot_id
    UNION
    SELECT g.child_id FROM below b JOIN lot_genealogy g ON g.parent_id = b.lot_id
)
SELECT t.* FROM transformation t
WHERE t.voided_at IS NULL
  AND (t.id, t.site_id) IN (SELECT o.transformation_id, o.site_id FROM below b JOIN transformation_output o ON o.lot_id = b.lot_id)
ORDER BY t.id;

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

-- name: RecordTransformations :exec
-- Transformations with the lots that they make, what goes in and comes out, and the pairs that these imply, by columns: one statement for one or for a
-- thousand. Rows in JSON took ten times as long to read, 17 µs a lot; ROWS FROM stores each of its columns before it reads the first row, which made
-- one lot with 3 inputs take 1.36 ms instead of 0.75. Foreign keys and the check for circles come at its end.
WITH made AS (
    INSERT INTO lot (id, site_id, code, gs1_key, lot_type_id, status, source, intricate, weight_kg, remaining_kg, quantity, remaining_quantity, unit,
                     temperature_c, attributes, supplier_id, product_id, location_id, run_id, phase_id, occurred_at, registered_at, registered_by)
    SELECT l.id, @site_id, l.code, given(l.gs1_key), l.lot_type_id, l.status::lot_status, l.source::lot_source, false,
           given(l.weight_kg)::numeric, given(l.weight_kg)::numeric, given(l.quantity)::numeric, given(l.quantity)::numeric, given(l.unit),
           given(l.temperature_c)::numeric, l.attributes::jsonb, given(l.supplier_id), given(l.product_id), given(l.location_id), given(l.run_id),
           given(l.phase_id), l.occurred_at, @recorded_at, sqlc.narg('recorded_by')
    FROM (
        SELECT unnest(@lot_ids::uuid[]) AS id, unnest(@lot_codes::text[]) AS code, unnest(@lot_gs1_keys::text[]) AS gs1_key,
               unnest(@lot_type_ids::uuid[]) AS lot_type_id, unnest(@lot_statuses::text[]) AS status, unnest(@lot_sources::text[]) AS source,
               unnest(@lot_weights_kg::text[]) AS weight_kg, unnest(@lot_quantities::text[]) AS quantity, unnest(@lot_units::text[]) AS unit,
               unnest(@lot_temperatures_c::text[]) AS temperature_c, unnest(@lot_attributes::text[]) AS attributes,
               unnest(@lot_supplier_ids::uuid[]) AS supplier_id, unnest(@lot_product_ids::uuid[]) AS product_id,
               unnest(@lot_location_ids::uuid[]) AS location_id, unnest(@lot_run_ids::uuid[]) AS run_id,
               unnest(@lot_phase_ids::uuid[]) AS phase_id, unnest(@lots_occurred_at::timestamptz[]) AS occurred_at
    ) AS l
), recorded AS (
    INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at, run_id, phase_id, partner_id, equipment, recorded_by)
    SELECT t.id, @site_id, t.kind::transformation_kind, t.occurred_at, @recorded_at, given(t.run_id), given(t.phase_id), given(t.partner_id),
           given(t.equipment), sqlc.narg('recorded_by')
    FROM (
        SELECT unnest(@transformation_ids::uuid[]) AS id, unnest(@kinds::text[]) AS kind, unnest(@occurred_at::timestamptz[]) AS occurred_at,
               unnest(@run_ids::uuid[]) AS run_id, unnest(@phase_ids::uuid[]) AS phase_id, unnest(@partner_ids::uuid[]) AS partner_id,
               unnest(@equipment::text[]) AS equipment
    ) AS t
), went_in AS (
    INSERT INTO transformation_input (transformation_id, lot_id, site_id, quantity_kg, quantity, unit)
    SELECT i.transformation_id, i.lot_id, @site_id, given(i.quantity_kg)::numeric, given(i.quantity)::numeric, given(i.unit)
    FROM (
        SELECT unnest(@used_by::uuid[]) AS transformation_id, unnest(@used_lot_ids::uuid[]) AS lot_id, unnest(@used_kg::text[]) AS quantity_kg,
               unnest(@used_quantities::text[]) AS quantity, unnest(@used_units::text[]) AS unit
    ) AS i
    RETURNING transformation_id, lot_id
), came_out AS (
    INSERT INTO transformation_output (transformation_id, lot_id, site_id, quantity_kg, quantity, unit)
    SELECT o.transformation_id, o.lot_id, @site_id, given(o.quantity_kg)::numeric, given(o.quantity)::numeric, given(o.unit)
    FROM (
        SELECT unnest(@made_by::uuid[]) AS transformation_id, unnest(@made_lot_ids::uuid[]) AS lot_id, unnest(@made_kg::text[]) AS quantity_kg,
               unnest(@made_quantities::text[]) AS quantity, unnest(@made_units::text[]) AS unit
    ) AS o
    RETURNING transformation_id, lot_id
)
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT o.lot_id, i.lot_id, i.transformation_id, @site_id, @site_id
FROM went_in i JOIN came_out o ON o.transformation_id = i.transformation_id;

-- name: LockTransformation :one
SELECT * FROM transformation WHERE id = @id AND site_id = @site_id FOR UPDATE;

-- name: VoidTransformation :exec
UPDATE transformation SET voided_at = @voided_at, void_reason = @void_reason, voided_by = @voided_by, replaced_by_id = sqlc.narg('replaced_by_id')
WHERE id = @id AND site_id = @site_id;

-- name: SetOutputQuantities :exec
-- What a lot that was measured later came out as.
UPDATE transformation_output o SET quantity_kg = sqlc.narg('quantity_kg'), quantity = sqlc.narg('quantity'), unit = sqlc.narg('unit')
FROM transformation t
WHERE o.lot_id = @lot_id AND o.site_id = @site_id AND o.quantity_kg IS NULL AND o.quantity IS NULL
  AND t.id = o.transformation_id AND t.site_id = o.site_id AND t.voided_at IS NULL;

-- name: YieldsOfLots :many
-- The yields of the transformations in force that made some lots, beside each lot that came out: its gates say what the yield must be. Without those of
-- which something isn't weighed, and of what was received.
WITH made AS (
    SELECT DISTINCT t.id, t.site_id, t.run_id
    FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id AND t.voided_at IS NULL
    WHERE o.lot_id = ANY(@lot_ids::uuid[])
), yields AS (
    SELECT m.id, m.site_id, m.run_id, went_in.kg AS in_kg, came_out.kg AS out_kg
    FROM made m
    CROSS JOIN LATERAL (
        SELECT sum(i.quantity_kg) AS kg, bool_and(i.quantity_kg IS NOT NULL) AS weighed
        FROM transformation_input i WHERE i.transformation_id = m.id AND i.site_id = m.site_id
    ) went_in
    CROSS JOIN LATERAL (
        SELECT sum(o.quantity_kg) AS kg, bool_and(o.quantity_kg IS NOT NULL) AS weighed
        FROM transformation_output o WHERE o.transformation_id = m.id AND o.site_id = m.site_id
    ) came_out
    WHERE went_in.weighed AND came_out.weighed AND went_in.kg > 0
)
SELECT y.id AS transformation_id, y.site_id, y.run_id, l.id AS lot_id, l.code, l.lot_type_id, l.attributes, t.scenario_id,
       y.in_kg::numeric(14, 3) AS in_kg, y.out_kg::numeric(14, 3) AS out_kg
FROM yields y
JOIN transformation_output o ON o.transformation_id = y.id AND o.site_id = y.site_id
JOIN lot l ON l.id = o.lot_id AND l.site_id = o.site_id
JOIN lot_type t ON t.id = l.lot_type_id AND t.scenario_id IS NOT NULL
ORDER BY y.id, l.id;
