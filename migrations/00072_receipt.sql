-- +goose Up
-- What a RECEIVE took of lots that another site of the company shipped here: the one thing that crosses the border of a site, with the
-- pairs of lot_genealogy that it implies. It belongs to the site that received; who isn't a member of both sites doesn't see it.
CREATE TABLE receipt (
    transformation_id uuid    NOT NULL,
    site_id           integer NOT NULL,
    lot_id            uuid    NOT NULL,
    lot_site_id       integer NOT NULL,
    quantity_kg       numeric(12, 3),
    quantity          numeric(12, 3),
    unit              text,
    CONSTRAINT receipt_pkey PRIMARY KEY (transformation_id, lot_id, site_id),
    CONSTRAINT receipt_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id),
    CONSTRAINT receipt_lot_fkey FOREIGN KEY (lot_id, lot_site_id) REFERENCES lot (id, site_id),
    CONSTRAINT receipt_border_check CHECK (lot_site_id <> site_id),
    CONSTRAINT receipt_quantity_check CHECK (quantity_kg > 0 OR quantity > 0)
);
CREATE INDEX receipt_lot_idx ON receipt (lot_id, transformation_id, site_id);
ALTER TABLE receipt ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY receipt_of_sites ON receipt USING (
    site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[]))
    AND lot_site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[]))
);
GRANT SELECT, INSERT ON receipt TO flowviz_app;

-- What went into transformations: lots of their site, and what was received of other sites'. As its reader sees it.
CREATE VIEW transformation_source WITH (security_invoker = true) AS
    SELECT transformation_id, site_id, lot_id, site_id AS lot_site_id, quantity_kg, quantity, unit FROM transformation_input
    UNION ALL
    SELECT transformation_id, site_id, lot_id, lot_site_id, quantity_kg, quantity, unit FROM receipt;
GRANT SELECT ON transformation_source TO flowviz_app;

-- A pair is seen where both its lots are, so that a trace ends at the border for who is no member on the other side. The site of the other
-- end stands in both indexes: a trace still reads nothing else.
ALTER TABLE lot_genealogy DROP CONSTRAINT lot_genealogy_pkey;
ALTER TABLE lot_genealogy ADD CONSTRAINT lot_genealogy_pkey PRIMARY KEY (child_id, parent_id, transformation_id, site_id) INCLUDE (parent_site_id);
DROP INDEX lot_genealogy_parent_idx;
CREATE INDEX lot_genealogy_parent_idx ON lot_genealogy (parent_id, child_id, transformation_id, parent_site_id, site_id);
-- The few pairs that cross a border: which sites received from which.
CREATE INDEX lot_genealogy_border_idx ON lot_genealogy (parent_site_id, site_id) WHERE parent_site_id <> site_id;
DROP POLICY lot_genealogy_of_site ON lot_genealogy;
CREATE POLICY lot_genealogy_of_sites ON lot_genealogy USING (
    site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[]))
    AND (parent_site_id = site_id OR parent_site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])))
);

-- What stops a lot reaches all sites that received from its site, directly or over others, whoever stops it. The function runs as the
-- owner, who is held to the policies too and needs one of its own.
CREATE POLICY lot_genealogy_of_owner ON lot_genealogy FOR SELECT TO CURRENT_USER USING (parent_site_id <> site_id);
CREATE FUNCTION sites_below(sites integer[]) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH RECURSIVE below (id) AS (
        SELECT unnest($1)
        UNION
        SELECT s.id FROM below b JOIN public.site s
            ON EXISTS (SELECT FROM public.lot_genealogy g WHERE g.parent_site_id = b.id AND g.site_id = s.id AND g.parent_site_id <> g.site_id)
    )
    SELECT b.id FROM below b ORDER BY b.id
$$;

-- +goose Down
DROP FUNCTION sites_below;
DROP POLICY lot_genealogy_of_owner ON lot_genealogy;
DROP POLICY lot_genealogy_of_sites ON lot_genealogy;
CREATE POLICY lot_genealogy_of_site ON lot_genealogy
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
DROP INDEX lot_genealogy_border_idx;
DROP INDEX lot_genealogy_parent_idx;
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
DELETE FROM lot_genealogy WHERE parent_site_id <> site_id;
CREATE INDEX lot_genealogy_parent_idx ON lot_genealogy (parent_id, child_id, transformation_id, parent_site_id);
ALTER TABLE lot_genealogy DROP CONSTRAINT lot_genealogy_pkey;
ALTER TABLE lot_genealogy ADD CONSTRAINT lot_genealogy_pkey PRIMARY KEY (child_id, parent_id, transformation_id, site_id);
DROP VIEW transformation_source;
DROP TABLE receipt;
