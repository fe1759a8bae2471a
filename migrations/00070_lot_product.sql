-- +goose Up
-- Lots of a product, newest first: a list's filter asks for them.
CREATE INDEX lot_product_idx ON lot (product_id, id) WHERE product_id IS NOT NULL;

-- +goose Down
DROP INDEX lot_product_idx;
