-- +goose Up
-- Replicas keep in memory, beside the links, what of a lot as a rule never changes: its code, type, weight, temperature and time
-- (docs/adr/0020). A lot in which one of these did says which transaction changed it last. Registered, drawn from, held or moved, a lot pays
-- nothing: only rows that say so are in the index, and the other columns are updated in place as before. Measured again, or made after it was
-- announced, its row is entered into all indexes anew.
ALTER TABLE lot ADD COLUMN changed_in xid8;
CREATE INDEX lot_changed_idx ON lot (changed_in) WHERE changed_in IS NOT NULL;

-- The lots whose code, type, weight, temperature or time may have changed since a snapshot, at most so many: see transformations_changed_since.
CREATE FUNCTION lots_changed_since(snapshot text, most integer) RETURNS TABLE (id uuid) LANGUAGE sql STABLE AS $$
    SELECT l.id FROM lot l
    WHERE l.changed_in >= pg_snapshot_xmin(NULLIF($1, '')::pg_snapshot) AND l.changed_in < pg_snapshot_xmax(pg_current_snapshot())
        AND NOT pg_visible_in_snapshot(l.changed_in, NULLIF($1, '')::pg_snapshot)
    ORDER BY l.changed_in LIMIT $2
$$;

-- By trigger, so that no UPDATE goes round it. A lot that is deleted, and one that takes its place, the links tell of.
-- +goose StatementBegin
CREATE FUNCTION lot_tells_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_tells_change BEFORE UPDATE ON lot FOR EACH ROW
    WHEN (OLD.created_in <> pg_current_xact_id() -- one that this transaction makes, nobody knows yet
        AND ROW (OLD.code, OLD.site_id, OLD.lot_type_id, OLD.weight_kg, OLD.temperature_c, OLD.occurred_at)
        IS DISTINCT FROM ROW (NEW.code, NEW.site_id, NEW.lot_type_id, NEW.weight_kg, NEW.temperature_c, NEW.occurred_at))
    EXECUTE FUNCTION lot_tells_change();

-- A type's code is what its lots are known by, also to replicas.
-- +goose StatementBegin
CREATE FUNCTION lot_type_keeps_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the code of lot type % stays what it is: lots are known by it', OLD.code;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_type_keeps_code BEFORE UPDATE ON lot_type FOR EACH ROW
    WHEN (OLD.code <> NEW.code OR OLD.id <> NEW.id) EXECUTE FUNCTION lot_type_keeps_code();

-- +goose Down
DROP TRIGGER lot_type_keeps_code ON lot_type;
DROP FUNCTION lot_type_keeps_code;
DROP TRIGGER lot_tells_change ON lot;
DROP FUNCTION lot_tells_change;
DROP FUNCTION lots_changed_since;
ALTER TABLE lot DROP COLUMN changed_in;
