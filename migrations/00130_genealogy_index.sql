-- +goose Up
-- Replicas keep the genealogy in memory beside SQL (docs/adr/0020). What such an index doesn't know yet is told by transformations: which
-- transaction changed the links of each last, in the order of transactions. One entry a transformation costs less than one a link.
--
-- What a dump of another server brings along may be ahead of this one's transactions: it looks changed when they get there, and isn't.
ALTER TABLE transformation ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX transformation_changed_idx ON transformation (changed_in);

-- The transformations whose links may have changed since a snapshot, at most so many. ORDER BY leaves the planner nothing but the index.
CREATE FUNCTION transformations_changed_since(snapshot text, most integer) RETURNS TABLE (id uuid, site_id integer) LANGUAGE sql STABLE AS $$
    SELECT t.id, t.site_id FROM transformation t
    WHERE t.changed_in >= pg_snapshot_xmin(NULLIF($1, '')::pg_snapshot) AND t.changed_in < pg_snapshot_xmax(pg_current_snapshot())
        AND NOT pg_visible_in_snapshot(t.changed_in, NULLIF($1, '')::pg_snapshot)
    ORDER BY t.changed_in LIMIT $2
$$;

-- Which history of transactions this is: another server, or one that was restored or promoted, began at another time; a table that was
-- emptied or loaded anew has another file.
CREATE FUNCTION genealogy_store() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || pg_relation_filenode('lot_genealogy')::text
$$;

-- By trigger, so that no statement goes round it. As a rule the transaction made the transformation as well, and nothing is left to say.
-- +goose StatementBegin
CREATE FUNCTION lot_genealogy_changes_transformation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- An array leaves the planner nothing but the key: joined, it read all transformations at each batch.
    UPDATE transformation t SET changed_in = pg_current_xact_id()
    WHERE t.id = ANY (ARRAY(SELECT DISTINCT c.transformation_id FROM changed c)) AND t.changed_in <> pg_current_xact_id();
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_genealogy_added AFTER INSERT ON lot_genealogy
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lot_genealogy_changes_transformation();
CREATE TRIGGER lot_genealogy_taken AFTER DELETE ON lot_genealogy
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lot_genealogy_changes_transformation();

-- +goose Down
DROP TRIGGER lot_genealogy_taken ON lot_genealogy;
DROP TRIGGER lot_genealogy_added ON lot_genealogy;
DROP FUNCTION lot_genealogy_changes_transformation;
DROP FUNCTION genealogy_store;
DROP FUNCTION transformations_changed_since;
ALTER TABLE transformation DROP COLUMN changed_in;
