-- What the benchmark adds to its data set: what PostGraphile shows, and one lot that went into 1,300 orders.

CREATE SCHEMA bench;
GRANT USAGE ON SCHEMA bench TO flowviz_app;

CREATE VIEW bench.lot WITH (security_invoker = true) AS
    SELECT l.id, l.code, t.code AS lot_type, l.weight_kg, l.temperature_c FROM public.lot l JOIN public.lot_type t ON t.id = l.lot_type_id;
COMMENT ON VIEW bench.lot IS '@primaryKey id';
CREATE TYPE bench.link AS (child uuid, parent uuid);
GRANT SELECT ON bench.lot TO flowviz_app;

CREATE FUNCTION bench.lot_of(code text) RETURNS bench.lot LANGUAGE sql STABLE AS $$ SELECT * FROM bench.lot l WHERE l.code = $1 $$;

CREATE FUNCTION bench.lot_ancestors(lot bench.lot) RETURNS SETOF bench.lot LANGUAGE sql STABLE AS $$
    WITH RECURSIVE a (id) AS (
        SELECT g.parent_id FROM public.lot_genealogy g WHERE g.child_id = lot.id
        UNION
        SELECT g.parent_id FROM a JOIN public.lot_genealogy g ON g.child_id = a.id
    )
    SELECT l.* FROM a JOIN bench.lot l USING (id)
$$;

CREATE FUNCTION bench.lot_descendants(lot bench.lot) RETURNS SETOF bench.lot LANGUAGE sql STABLE AS $$
    WITH RECURSIVE d (id) AS (
        SELECT g.child_id FROM public.lot_genealogy g WHERE g.parent_id = lot.id
        UNION
        SELECT g.child_id FROM d JOIN public.lot_genealogy g ON g.parent_id = d.id
    )
    SELECT l.* FROM d JOIN bench.lot l USING (id)
$$;

CREATE FUNCTION bench.lot_parents(lot bench.lot) RETURNS SETOF bench.lot LANGUAGE sql STABLE AS $$
    SELECT l.* FROM public.lot_genealogy g JOIN bench.lot l ON l.id = g.parent_id WHERE g.child_id = lot.id
$$;

CREATE FUNCTION bench.lot_links(lot bench.lot) RETURNS SETOF bench.link LANGUAGE sql STABLE AS $$
    WITH RECURSIVE link (child, parent) AS (
        SELECT g.child_id, g.parent_id FROM public.lot_genealogy g WHERE g.child_id = lot.id
        UNION
        SELECT g.child_id, g.parent_id FROM link JOIN public.lot_genealogy g ON g.child_id = link.parent
    )
    SELECT link.child, link.parent FROM link
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bench TO flowviz_app;

CREATE TEMPORARY TABLE orders AS
    SELECT n, gen_random_uuid() AS lot, gen_random_uuid() AS made_in, l.id AS used, l.site_id, l.lot_type_id, l.occurred_at
    FROM (SELECT * FROM public.lot WHERE site_id = 1 ORDER BY code LIMIT 1) l, generate_series(0, 1300) AS n;
INSERT INTO public.lot (id, site_id, code, lot_type_id, status, source, occurred_at, registered_at)
    SELECT lot, site_id, 'ORDER-' || n, lot_type_id, 'RELEASED', 'PERSON', occurred_at, occurred_at FROM orders;
INSERT INTO public.transformation (id, site_id, kind, occurred_at, recorded_at)
    SELECT made_in, site_id, 'PROCESS', occurred_at, occurred_at FROM orders WHERE n > 0;
INSERT INTO public.transformation_input (transformation_id, lot_id, site_id)
    SELECT o.made_in, u.lot, o.site_id FROM orders o JOIN orders u ON u.n = 0 WHERE o.n > 0;
INSERT INTO public.transformation_output (transformation_id, lot_id, site_id) SELECT made_in, lot, site_id FROM orders WHERE n > 0;
INSERT INTO public.lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
    SELECT o.lot, u.lot, o.made_in, o.site_id, o.site_id FROM orders o JOIN orders u ON u.n = 0 WHERE o.n > 0;
DROP TABLE orders;
ANALYZE;
