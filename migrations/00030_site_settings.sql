-- +goose Up
ALTER TABLE site
    -- GS1 company prefix: what the SSCCs of its pallets begin with.
    ADD COLUMN company_prefix text,
    -- The most that a lot may weigh: silos take more than the bound that holds everywhere else.
    ADD COLUMN max_lot_kg numeric(12, 3) NOT NULL DEFAULT 10000,
    ADD CONSTRAINT site_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    ADD CONSTRAINT site_company_prefix_check CHECK (company_prefix ~ '^[0-9]{4,12}$'),
    ADD CONSTRAINT site_max_lot_kg_check CHECK (max_lot_kg BETWEEN 10000 AND 1000000);

-- A site's code is part of its lots' codes, and stays.
GRANT UPDATE (name, time_zone, production_day_start, gln, address, approval_number, company_prefix, max_lot_kg) ON site TO flowviz_app;

-- The app may not insert sites: this function does, for an ADMIN of any site, who becomes the new one's first. From here on the
-- transaction sees it, so that its log tells how it began.
-- +goose StatementBegin
CREATE FUNCTION create_site(code text, name text, time_zone text) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    creator uuid := NULLIF(current_setting('flowviz.user', true), '')::uuid;
    made    integer;
BEGIN
    IF NOT EXISTS (SELECT FROM public.membership m JOIN public.app_user u ON u.id = m.user_id
                   WHERE m.user_id = creator AND m.role = 'ADMIN' AND u.active) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an ADMIN of a site makes another';
    END IF;
    made := nextval(pg_get_serial_sequence('public.site', 'id'));
    PERFORM set_config('flowviz.sites', (NULLIF(current_setting('flowviz.sites', true), '')::integer[] || made)::text, true);
    INSERT INTO public.site (id, code, name, time_zone) OVERRIDING SYSTEM VALUE VALUES (made, $1, $2, $3);
    INSERT INTO public.site_head (site_id) VALUES (made);
    INSERT INTO public.membership (user_id, site_id, role) VALUES (creator, made, 'ADMIN');
    RETURN made;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION create_site FROM PUBLIC;
GRANT EXECUTE ON FUNCTION create_site TO flowviz_app;

-- +goose Down
DROP FUNCTION create_site;
REVOKE UPDATE (name, time_zone, production_day_start, gln, address, approval_number, company_prefix, max_lot_kg) ON site FROM flowviz_app;
ALTER TABLE site
    DROP CONSTRAINT site_max_lot_kg_check, DROP CONSTRAINT site_company_prefix_check, DROP CONSTRAINT site_name_check,
    DROP COLUMN max_lot_kg, DROP COLUMN company_prefix;
