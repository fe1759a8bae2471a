-- +goose Up
-- A recall's report reads each lot of a million on as many processors as there are: one function of its statement that isn't said to be safe there
-- keeps all of it on one.
ALTER FUNCTION transformations_changed_since(text, integer) PARALLEL SAFE;
ALTER FUNCTION genealogy_store() PARALLEL SAFE;
ALTER FUNCTION outside(numeric[], numeric) PARALLEL SAFE;

-- And the planner must know how few groups the lots are in: taken for independent, places, states and shipments make forty times as many, which
-- seem too many to send from process to process.
CREATE STATISTICS lot_standing (ndistinct) ON site_id, location_id, status, held, shipment_id FROM lot;
ANALYZE lot;

-- +goose Down
DROP STATISTICS lot_standing;
ALTER FUNCTION outside(numeric[], numeric) PARALLEL UNSAFE;
ALTER FUNCTION genealogy_store() PARALLEL UNSAFE;
ALTER FUNCTION transformations_changed_since(text, integer) PARALLEL UNSAFE;
