-- +goose Up
-- Readings are listed by lot and by line, in the order in which they were recorded.
CREATE INDEX measurement_lot_idx ON measurement (lot_id, id) WHERE lot_id IS NOT NULL;
CREATE INDEX measurement_line_idx ON measurement (run_id, id) WHERE lot_id IS NULL;

-- +goose Down
DROP INDEX measurement_line_idx;
DROP INDEX measurement_lot_idx;
