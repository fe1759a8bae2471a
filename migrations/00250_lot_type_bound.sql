-- +goose Up
-- The most that a lot of the type may weigh, where that is more than elsewhere at the site: what lies in a silo.
ALTER TABLE lot_type
    ADD COLUMN max_lot_kg numeric(12, 3),
    ADD CONSTRAINT lot_type_max_lot_kg_check CHECK (max_lot_kg IS NULL OR max_lot_kg BETWEEN 10000 AND 1000000 AND unit = 'KGM');

-- +goose Down
ALTER TABLE lot_type
    DROP CONSTRAINT lot_type_max_lot_kg_check,
    DROP COLUMN max_lot_kg;
