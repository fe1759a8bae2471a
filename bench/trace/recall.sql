-- One raw lot of the first site that is in {{.Packs}} packs: a hundred packs of each batch, 10 g each, to the gram. Of ten packs four were shipped,
-- two hundred at once, to twenty partners; four are released, one is in quarantine and one rejected, in four areas.
SET LOCAL session_replication_role = replica; -- no check of keys row by row, and no trigger: what is written here is right

CREATE TEMPORARY TABLE here ON COMMIT DROP AS
SELECT s.id AS site_id, now() - interval '1 day' AS made_at, now() - interval '1 hour' AS shipped_at, raw.id AS raw, made.id AS made
FROM (SELECT min(id) AS id FROM site) s, (SELECT id FROM lot_type WHERE code = 'RAW' LIMIT 1) raw, (SELECT id FROM lot_type WHERE code = 'BULK' LIMIT 1) made;

-- Ids say what a row is of: the kind 1 (raw), 2 (batch), 3 (pack), 4 (shipment), 5 (partner), 6 (area), and the number.
CREATE FUNCTION pg_temp.id(kind integer, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(kind::text, 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;

INSERT INTO partner (id, site_id, name) SELECT pg_temp.id(5, n), site_id, 'Consignee ' || n FROM here, generate_series(0, 19) n;
INSERT INTO location (id, site_id, code, name, kind) SELECT pg_temp.id(6, n), site_id, 'AREA-' || n, 'Area ' || n, 'AREA' FROM here, generate_series(0, 3) n;

CREATE TEMPORARY TABLE made ON COMMIT DROP AS
SELECT pg_temp.id(1, 0) AS id, NULL::uuid AS parent, 'RECALLED-RAW' AS code, 'CONSUMED'::lot_status AS status, {{.Packs}} * 0.010 AS kg, NULL::uuid AS area, NULL::uuid AS shipment
UNION ALL
SELECT pg_temp.id(2, n), pg_temp.id(1, 0), 'RECALLED-BATCH-' || n, 'CONSUMED', 1, NULL, NULL FROM generate_series(0, {{.Packs}} / 100 - 1) n
UNION ALL
SELECT pg_temp.id(3, n), pg_temp.id(2, n / 100), 'RECALLED-PACK-' || n,
       (CASE WHEN n % 10 < 4 THEN 'SHIPPED' WHEN n % 10 < 8 THEN 'RELEASED' WHEN n % 10 = 8 THEN 'QUARANTINE' ELSE 'REJECTED' END)::lot_status, 0.010,
       CASE WHEN n % 10 >= 4 THEN pg_temp.id(6, n / 10 % 4) END, CASE WHEN n % 10 < 4 THEN pg_temp.id(4, n / 500) END
FROM generate_series(0, {{.Packs}} - 1) n;

INSERT INTO lot (id, site_id, code, lot_type_id, status, source, intricate, weight_kg, remaining_kg, location_id, shipment_id, occurred_at, registered_at)
SELECT m.id, h.site_id, m.code, CASE WHEN m.parent IS NULL THEN h.raw ELSE h.made END, m.status, 'DEVICE', false, m.kg,
       CASE WHEN m.status IN ('CONSUMED', 'SHIPPED') THEN 0 ELSE m.kg END, m.area, m.shipment, h.made_at, h.made_at
FROM made m, here h;

-- Each lot came of the transformation with its own id.
INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at)
SELECT m.id, h.site_id, (CASE WHEN m.parent IS NULL THEN 'RECEIVE' ELSE 'PROCESS' END)::transformation_kind, h.made_at, h.made_at FROM made m, here h;
INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at, partner_id)
SELECT pg_temp.id(4, n), h.site_id, 'SHIP', h.shipped_at, h.shipped_at, pg_temp.id(5, n % 20) FROM here h, generate_series(0, ({{.Packs}} - 1) / 500) n;

INSERT INTO transformation_input (transformation_id, lot_id, site_id, quantity_kg)
SELECT m.id, m.parent, h.site_id, m.kg FROM made m, here h WHERE m.parent IS NOT NULL
UNION ALL
SELECT m.shipment, m.id, h.site_id, m.kg FROM made m, here h WHERE m.shipment IS NOT NULL;
INSERT INTO transformation_output (transformation_id, lot_id, site_id, quantity_kg) SELECT m.id, m.id, h.site_id, m.kg FROM made m, here h;
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT m.id, m.parent, m.id, h.site_id, h.site_id FROM made m, here h WHERE m.parent IS NOT NULL;
