-- +goose Up
-- The check for circles, which walked down from each child by itself: one statement with all links of a chain 5,000 deep took it
-- minutes. What it finds, and what it lets by, stays the same. Three ways round it are closed.

-- A new link can close a circle only where something leads on from its child, and only where one of the new links begins below
-- another. Where one does, lots that nothing leads to are taken away again and again (A. B. Kahn, Topological sorting of large
-- networks, 1962): what is left has a circle. Both take time in proportion to the links below.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION lot_genealogy_stays_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scope   text := current_setting('flowviz.sites', true);
    ids     uuid[];    -- the lots below, numbered from 1
    begins  integer[]; -- by lot, where its children begin
    children integer[]; -- by their numbers, a lot after the other
    entries integer[]; -- by lot, how many links lead to it from lots that aren't taken away
    free    integer[]; -- lots that nothing leads to
    taken   integer := 0;
    into_of integer[]; -- by lot, one that is left and leads to it
    n       integer;
    k       integer;
    circle  text;
BEGIN
    -- A lot that this transaction made is known to nobody else: where nothing leads on from it, no link to it closes a circle.
    IF NOT EXISTS (
        SELECT FROM added a LEFT JOIN lot l ON l.id = a.child_id AND l.site_id = a.site_id
        WHERE l.created_in IS DISTINCT FROM pg_current_xact_id() OR EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = a.child_id)
    ) THEN
        RETURN NULL;
    END IF;
    -- All other links wait for each other. Each statement that follows must see what was committed meanwhile.
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'links to lots that are there are not written under REPEATABLE READ, which does not see what others link'
            USING ERRCODE = 'feature_not_supported';
    END IF;
    PERFORM pg_advisory_xact_lock(2, 0);
    PERFORM set_config('flowviz.sites', (SELECT array_agg(s.id)::text FROM all_site_ids() AS s(id)), true);
    WITH RECURSIVE below (id) AS (
        SELECT a.child_id FROM added a WHERE EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = a.child_id)
        UNION
        SELECT g.child_id FROM below b JOIN lot_genealogy g ON g.parent_id = b.id
    )
    SELECT array_agg(b.id) INTO ids FROM below b HAVING bool_or(b.id IN (SELECT a.parent_id FROM added a));

    IF ids IS NOT NULL THEN
        WITH numbered AS MATERIALIZED (
            SELECT i.id, i.n::integer AS n FROM unnest(ids) WITH ORDINALITY AS i (id, n)
        ), step AS MATERIALIZED (
            SELECT p.n AS parent, c.n AS child
            FROM numbered p JOIN lot_genealogy g ON g.parent_id = p.id JOIN numbered c ON c.id = g.child_id
        ), degree AS (
            SELECT i.n, coalesce(o.links, 0) AS leaving, coalesce(e.links, 0) AS entering
            FROM numbered i
            LEFT JOIN (SELECT s.parent, count(*) AS links FROM step s GROUP BY s.parent) o ON o.parent = i.n
            LEFT JOIN (SELECT s.child, count(*) AS links FROM step s GROUP BY s.child) e ON e.child = i.n
        ), placed AS (
            SELECT d.n, d.entering, 1 + sum(d.leaving) OVER (ORDER BY d.n) - d.leaving AS begins FROM degree d
        )
        SELECT array_agg(p.begins::integer ORDER BY p.n) || (SELECT 1 + count(*)::integer FROM step), array_agg(p.entering::integer ORDER BY p.n),
               (SELECT array_agg(s.child ORDER BY s.parent) FROM step s), coalesce(array_agg(p.n) FILTER (WHERE p.entering = 0), '{}')
        INTO begins, entries, children, free
        FROM placed p;
        WHILE taken < cardinality(free) LOOP
            taken := taken + 1;
            n := free[taken];
            FOR k IN begins[n] .. begins[n + 1] - 1 LOOP
                entries[children[k]] := entries[children[k]] - 1;
                IF entries[children[k]] = 0 THEN
                    free := array_append(free, children[k]);
                END IF;
            END LOOP;
        END LOOP;
        IF taken < cardinality(ids) THEN
            -- Whoever goes back from a lot that is left, from one that is left to another, comes into a circle.
            into_of := array_fill(0, ARRAY[cardinality(ids)]);
            FOR i IN 1 .. cardinality(ids) LOOP
                CONTINUE WHEN entries[i] = 0;
                k := i;
                FOR link IN begins[i] .. begins[i + 1] - 1 LOOP
                    into_of[children[link]] := i;
                END LOOP;
            END LOOP;
            FOR i IN 1 .. cardinality(ids) LOOP
                k := into_of[k];
            END LOOP;
            SELECT l.code INTO circle FROM lot l WHERE l.id = ids[k];
        END IF;
    END IF;
    PERFORM set_config('flowviz.sites', coalesce(scope, ''), true);
    IF circle IS NOT NULL THEN
        RAISE EXCEPTION 'lot % would be made of itself', circle USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_genealogy_acyclic';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- A link is added, or goes with what is voided. Changed, it would pass by the check.
REVOKE UPDATE ON lot_genealogy FROM flowviz_app;
-- +goose StatementBegin
CREATE FUNCTION lot_genealogy_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'links are added and taken away, not changed' USING ERRCODE = 'feature_not_supported';
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_genealogy_unchanged BEFORE UPDATE ON lot_genealogy FOR EACH STATEMENT EXECUTE FUNCTION lot_genealogy_is_not_changed();

-- Which transaction made a lot is the truth, whatever a statement says.
-- +goose StatementBegin
CREATE FUNCTION lot_created_in_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_in := CASE TG_OP WHEN 'INSERT' THEN pg_current_xact_id() ELSE OLD.created_in END;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_created_in_new BEFORE INSERT ON lot FOR EACH ROW
    WHEN (NEW.created_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION lot_created_in_is_true();
CREATE TRIGGER lot_created_in_kept BEFORE UPDATE OF created_in ON lot FOR EACH ROW EXECUTE FUNCTION lot_created_in_is_true();

-- +goose Down
DROP TRIGGER lot_created_in_kept ON lot;
DROP TRIGGER lot_created_in_new ON lot;
DROP FUNCTION lot_created_in_is_true;
DROP TRIGGER lot_genealogy_unchanged ON lot_genealogy;
DROP FUNCTION lot_genealogy_is_not_changed;
GRANT UPDATE ON lot_genealogy TO flowviz_app;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION lot_genealogy_stays_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scope  text := current_setting('flowviz.sites', true);
    circle text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM added a JOIN lot l ON l.id = a.child_id AND l.site_id = a.site_id
        WHERE l.created_in <> pg_current_xact_id() OR EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = a.child_id)
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(2, 0);
    PERFORM set_config('flowviz.sites', (SELECT array_agg(s.id)::text FROM all_site_ids() AS s(id)), true);
    WITH RECURSIVE below (root, id) AS (
        SELECT DISTINCT a.child_id, a.child_id FROM added a
        UNION
        SELECT b.root, g.child_id FROM below b JOIN lot_genealogy g ON g.parent_id = b.id
    )
    SELECT l.code INTO circle
    FROM added a JOIN below b ON b.root = a.child_id AND b.id = a.parent_id JOIN lot l ON l.id = a.child_id AND l.site_id = a.site_id
    ORDER BY l.code LIMIT 1;
    PERFORM set_config('flowviz.sites', coalesce(scope, ''), true);
    IF circle IS NOT NULL THEN
        RAISE EXCEPTION 'lot % would be made of itself', circle USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_genealogy_acyclic';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
