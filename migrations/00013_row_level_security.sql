-- +goose Up
-- The database itself keeps sites apart. The app works as a member of flowviz_app, which owns nothing and bypasses nothing: it
-- sees the rows of the sites that its transaction names in flowviz.sites (db.Scope), and without a name none. FORCE holds
-- tables' owners to the same, so that a session of theirs can't pass for the app's.
--
-- The setting is read in a sub-select that becomes a hash table once a statement. As `= ANY (array)` the sites become a condition
-- of each index scan, which sorts the array anew for each lot: with 50 sites the genealogy and its rows took 1.5 to 1.7
-- times as long as without policies, with the hash table the same.

-- Roles belong to the whole server: other databases may have made this one.
-- +goose StatementBegin
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flowviz_app') THEN
        CREATE ROLE flowviz_app NOLOGIN;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY[
        'site_head', 'partner', 'run', 'lot', 'transformation', 'transformation_input', 'transformation_output', 'lot_genealogy',
        'lot_containment', 'qc_decision', 'hold', 'exposure', 'alert', 'epcis_event', 'epcis_item'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format($policy$
            CREATE POLICY %I ON %I USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])))
        $policy$, own || '_of_site', own);
    END LOOP;
END $$;
-- +goose StatementEnd

ALTER TABLE site ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY site_of_site ON site
    USING (id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));

-- Whoever changes something at a site writes its audit log; few may read it. Nobody changes what stands in it.
ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_event_of_site ON audit_event FOR INSERT
    WITH CHECK (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
CREATE POLICY audit_event_of_auditor ON audit_event FOR SELECT
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.audits', true), '')::integer[])));

-- One's own memberships are also what says which sites to name.
ALTER TABLE membership ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY membership_of_site ON membership
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
CREATE POLICY membership_of_user ON membership FOR SELECT
    USING (user_id = (SELECT NULLIF(current_setting('flowviz.user', true), '')::uuid));

-- Two questions are asked before any site is named: which one a person means on the command line, and which ones periodic
-- work goes through. Their functions run as the owner, who is held to the policies too and needs one of its own.
CREATE POLICY site_of_owner ON site FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION site_id_of(code text) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.id FROM public.site s WHERE s.code = $1
$$;

CREATE FUNCTION all_site_ids() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.id FROM public.site s ORDER BY s.id
$$;

-- Before a policy's own condition is checked, PostgreSQL lets only what is marked leakproof look at a row, and so at an index:
-- searching 1,000,000 lots for a part of a code would read them all. These three raise no error that tells of a row, but for
-- a pattern that ends in a backslash, which nobody can give (db.EscapeLike). Where the owner is no superuser, who alone may
-- say so, search is right and slow.
-- +goose StatementBegin
DO $$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER FUNCTION pg_catalog.texticlike(text, text) LEAKPROOF;
        ALTER FUNCTION pg_catalog.jsonb_exists(jsonb, text) LEAKPROOF;
        ALTER FUNCTION pg_catalog.jsonb_object_field_text(jsonb, text) LEAKPROOF;
    END IF;
END $$;
-- +goose StatementEnd

-- What the app may do. Corrections void and replace: only what is derived, or over, is ever deleted.
GRANT USAGE ON SCHEMA public TO flowviz_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO flowviz_app;
GRANT INSERT ON ALL TABLES IN SCHEMA public TO flowviz_app;
GRANT UPDATE ON ALL TABLES IN SCHEMA public TO flowviz_app;
GRANT DELETE ON lot_genealogy, lot_containment, membership, session, refresh_token, password_guess TO flowviz_app;
GRANT DELETE ON river_job, river_leader, river_notification, river_queue TO flowviz_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO flowviz_app;
-- Append-only: a correction is a new decision that supersedes an old one, and nobody becomes another person.
REVOKE UPDATE ON audit_event, external_identity, qc_decision FROM flowviz_app;
REVOKE INSERT, UPDATE ON goose_db_version, river_migration, site FROM flowviz_app;

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER FUNCTION pg_catalog.texticlike(text, text) NOT LEAKPROOF;
        ALTER FUNCTION pg_catalog.jsonb_exists(jsonb, text) NOT LEAKPROOF;
        ALTER FUNCTION pg_catalog.jsonb_object_field_text(jsonb, text) NOT LEAKPROOF;
    END IF;
END $$;
-- +goose StatementEnd
DROP FUNCTION all_site_ids;
DROP FUNCTION site_id_of;
DROP POLICY site_of_owner ON site;
DROP POLICY site_of_site ON site;
DROP POLICY audit_event_of_auditor ON audit_event;
DROP POLICY audit_event_of_site ON audit_event;
ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY membership_of_user ON membership;
-- +goose StatementBegin
DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY[
        'site_head', 'membership', 'partner', 'run', 'lot', 'transformation', 'transformation_input', 'transformation_output', 'lot_genealogy',
        'lot_containment', 'qc_decision', 'hold', 'exposure', 'alert', 'epcis_event', 'epcis_item'
    ] LOOP
        EXECUTE format('DROP POLICY %I ON %I', own || '_of_site', own);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', own);
    END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE site DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
-- Other databases of the server may use the role: it stays, without rights here.
REVOKE USAGE ON ALL SEQUENCES IN SCHEMA public FROM flowviz_app;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM flowviz_app;
REVOKE USAGE ON SCHEMA public FROM flowviz_app;
