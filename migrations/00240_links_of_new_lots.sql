-- +goose Up
-- That all links lead to lots which are new is asked of each link by its index. As a join, and as EXISTS, PostgreSQL read all of lot and lot_genealogy
-- for the 3,000 links of a batch: 140 ms, where this takes 20. The rest of the check for circles stays as it was.
-- +goose StatementBegin
DO $do$
DECLARE
    was text := pg_get_functiondef('lot_genealogy_stays_acyclic'::regproc);
    new text := replace(was,
        $was$SELECT FROM added a LEFT JOIN lot l ON l.id = a.child_id AND l.site_id = a.site_id
        WHERE l.created_in IS DISTINCT FROM pg_current_xact_id() OR EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = a.child_id)$was$,
        $new$SELECT FROM added a
        WHERE (SELECT l.created_in FROM lot l WHERE l.id = a.child_id AND l.site_id = a.site_id) IS DISTINCT FROM pg_current_xact_id()
           OR (SELECT true FROM lot_genealogy g WHERE g.parent_id = a.child_id LIMIT 1)$new$);
BEGIN
    ASSERT new <> was;
    EXECUTE new;
END $do$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $do$
DECLARE
    was text := pg_get_functiondef('lot_genealogy_stays_acyclic'::regproc);
    new text := replace(was,
        $was$SELECT FROM added a
        WHERE (SELECT l.created_in FROM lot l WHERE l.id = a.child_id AND l.site_id = a.site_id) IS DISTINCT FROM pg_current_xact_id()
           OR (SELECT true FROM lot_genealogy g WHERE g.parent_id = a.child_id LIMIT 1)$was$,
        $new$SELECT FROM added a LEFT JOIN lot l ON l.id = a.child_id AND l.site_id = a.site_id
        WHERE l.created_in IS DISTINCT FROM pg_current_xact_id() OR EXISTS (SELECT FROM lot_genealogy g WHERE g.parent_id = a.child_id)$new$);
BEGIN
    ASSERT new <> was;
    EXECUTE new;
END $do$;
-- +goose StatementEnd
