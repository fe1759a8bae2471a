-- name: ProductsByIDs :many
SELECT * FROM product WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: ProductBySku :one
SELECT * FROM product WHERE sku = @sku;

-- name: ProductByGtin :one
SELECT * FROM product WHERE gtin = @gtin::text;

-- name: ProductsBySkus :many
SELECT * FROM product WHERE sku = ANY(@skus::text[]) ORDER BY id;

-- name: ProductsByNumbers :many
SELECT * FROM product WHERE sku = ANY(@skus::text[]) OR gtin = ANY(@gtins::text[]) ORDER BY id;

-- name: ProductsPage :many
SELECT * FROM product p
WHERE (sqlc.narg('search')::text IS NULL OR p.name ->> 'en' ILIKE sqlc.narg('name_pattern')::text OR p.name ->> 'hu' ILIKE sqlc.narg('name_pattern')::text
       OR p.sku ILIKE sqlc.narg('name_pattern')::text OR p.gtin = sqlc.narg('gtin')::text)
  AND (sqlc.narg('lot_types')::text[] IS NULL OR p.lot_type = ANY(sqlc.narg('lot_types')))
  AND (sqlc.narg('ended')::boolean IS NULL OR (p.ended_at IS NOT NULL) = sqlc.narg('ended'))
  AND (sqlc.narg('after')::uuid IS NULL OR p.id > sqlc.narg('after'))
ORDER BY p.id
LIMIT @size;

-- name: CountProducts :one
-- The same conditions as ProductsPage.
SELECT count(*) FROM product p
WHERE (sqlc.narg('search')::text IS NULL OR p.name ->> 'en' ILIKE sqlc.narg('name_pattern')::text OR p.name ->> 'hu' ILIKE sqlc.narg('name_pattern')::text
       OR p.sku ILIKE sqlc.narg('name_pattern')::text OR p.gtin = sqlc.narg('gtin')::text)
  AND (sqlc.narg('lot_types')::text[] IS NULL OR p.lot_type = ANY(sqlc.narg('lot_types')))
  AND (sqlc.narg('ended')::boolean IS NULL OR (p.ended_at IS NOT NULL) = sqlc.narg('ended'));

-- name: InsertProduct :one
INSERT INTO product (id, sku, gtin, name, lot_type, unit, unit_weight_kg, shelf_life_days, allergens, recipe_version)
VALUES (@id, @sku, @gtin, @name, @lot_type, @unit, @unit_weight_kg, @shelf_life_days, @allergens, @recipe_version)
RETURNING *;

-- name: ProductForChange :one
-- Locked until the transaction ends.
SELECT * FROM product WHERE id = @id FOR NO KEY UPDATE;

-- name: UpdateProduct :one
UPDATE product
SET gtin = @gtin, name = @name, unit_weight_kg = @unit_weight_kg, shelf_life_days = @shelf_life_days, allergens = @allergens,
    recipe_version = @recipe_version, ended_at = @ended_at
WHERE id = @id
RETURNING *;

-- name: InsertRecipe :exec
INSERT INTO product_recipe (product_id, version, created_at) VALUES (@product_id, @version, @created_at);

-- name: InsertComponents :exec
INSERT INTO product_component (product_id, version, sort_order, component_id, lot_type, share_percent)
SELECT @product_id, @version, n, nullif(c.component_id, '00000000-0000-0000-0000-000000000000'), nullif(c.lot_type, ''), c.share_percent
FROM ROWS FROM (unnest(@component_ids::uuid[]), unnest(@lot_types::text[]), unnest(@shares::numeric[])) WITH ORDINALITY AS c(component_id, lot_type, share_percent, n);

-- name: RecipesByProducts :many
SELECT * FROM product_recipe WHERE product_id = ANY(@product_ids::uuid[]) ORDER BY product_id, version;

-- name: ComponentsByProducts :many
SELECT * FROM product_component WHERE product_id = ANY(@product_ids::uuid[]) ORDER BY product_id, version, sort_order;

-- name: NameProducts :exec
-- Says of lots which product they are of.
UPDATE lot SET product_id = @product_id::uuid WHERE id = ANY(@ids::uuid[]);
