-- What is worked with, at each site: raw meat and what was deboned of it, a transformation a lot. Ids say what a lot is, so that a
-- script can name it: of the kind 1 (raw), 2 (deboned), 3 (what is held at the first site), of the site and the number.
CREATE FUNCTION bench_id(kind integer, site integer, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(kind::text, 8, '0') || '-0000-7000-8000-' || lpad(to_hex(site), 4, '0') || lpad(to_hex(n), 8, '0'))::uuid
$$;

ALTER TABLE lot_genealogy DISABLE TRIGGER lot_genealogy_acyclic;

CREATE TEMPORARY TABLE stock ON COMMIT DROP AS
SELECT bench_id(k.kind, s.id, n) AS id, s.id AS site_id, k.kind, n, t.id AS lot_type_id
FROM (VALUES (1, 'RAW', 1), (2, 'DEB', 1), (3, 'BULK', 0)) k (kind, type, first)
JOIN site s ON k.kind < 3 OR s.id = (SELECT min(id) FROM site)
JOIN lot_type t ON t.code = k.type
CROSS JOIN LATERAL generate_series(k.first, CASE k.kind WHEN 3 THEN {{.Descendants}} ELSE {{.Pool}} END) n;

INSERT INTO lot (id, site_id, code, lot_type_id, status, source, intricate, weight_kg, remaining_kg, attributes, occurred_at, registered_at)
SELECT id, site_id, format('STOCK-%s-%s', kind, n), lot_type_id, 'RELEASED', 'IMPORT', false, 10000, 10000, '{"species": "CHICKEN"}',
       now() - interval '1 minute', now() - interval '1 minute'
FROM stock;

INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at)
SELECT id, site_id, CASE kind WHEN 1 THEN 'RECEIVE' ELSE 'PROCESS' END::transformation_kind, now() - interval '1 minute', now() - interval '1 minute'
FROM stock;

-- What is held has two parents each, and is seven steps deep at 100,000.
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT id, bench_id(1, site_id, n), id, site_id, site_id FROM stock WHERE kind = 2
UNION
SELECT id, bench_id(3, site_id, greatest((n - 1) / 6 - up, 0)), id, site_id, site_id FROM stock CROSS JOIN (VALUES (0), (1)) v (up) WHERE kind = 3 AND n > 0;

ALTER TABLE lot_genealogy ENABLE TRIGGER lot_genealogy_acyclic;
