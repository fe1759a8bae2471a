-- +goose Up
-- A recall of a million lots reads a row of each and nothing else (docs/adr/0017). So a row says whether it tells by itself where what it
-- weighed is: it remains, or went into lots, or went away with one shipment, whole. An intricate lot was sampled, wasted, shipped in parts,
-- counted again or corrected, or others' documents tell of it: its transformations say the rest.
ALTER TABLE lot
    -- Sets of lots are told as bits, by number: a million take 125 KB, and one is looked for in 50 ns.
    ADD COLUMN number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN shipment_id uuid, -- that took all of it; NULL where none did, and of an intricate lot
    ADD COLUMN intricate boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT lot_shipment_check CHECK (shipment_id IS NULL OR NOT intricate);
CREATE UNIQUE INDEX lot_number_key ON lot (number);
CREATE INDEX lot_intricate_idx ON lot (number) WHERE intricate;

-- Whether so much is all that a lot ever was.
CREATE FUNCTION takes_all(l lot, kg numeric, pieces numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(l.weight_kg = l.remaining_kg AND l.weight_kg = $2, l.quantity = l.remaining_quantity AND l.quantity = $3, false)
$$;

-- Finds the shipments and the intricate lots of a history that was written as a whole. The lots of documents are all intricate.
-- +goose StatementBegin
CREATE FUNCTION tell_standings() RETURNS void LANGUAGE sql AS $$
    WITH used AS (
        SELECT i.lot_id, i.site_id, count(*) AS times, coalesce(sum(i.quantity_kg), 0) AS kg,
               bool_or(t.kind IN ('SAMPLE', 'WASTE')) AS taken, max(t.id::text) FILTER (WHERE t.kind = 'SHIP') AS shipment_id
        FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id AND t.voided_at IS NULL
        GROUP BY i.lot_id, i.site_id
    ), standing AS (
        SELECT l.id, l.site_id, u.shipment_id::uuid AS shipment_id,
               l.source = 'IMPORT' OR u.taken IS TRUE OR u.shipment_id IS NOT NULL AND (u.times > 1 OR u.kg <> l.weight_kg OR coalesce(l.remaining_kg, l.remaining_quantity) <> 0)
               OR l.weight_kg - l.remaining_kg <> coalesce(u.kg, 0) AS intricate
        FROM lot l LEFT JOIN used u ON u.lot_id = l.id AND u.site_id = l.site_id
    )
    UPDATE lot l SET intricate = s.intricate, shipment_id = s.shipment_id
    FROM (SELECT s.id, s.site_id, s.intricate IS TRUE AS intricate, CASE WHEN s.intricate IS NOT TRUE THEN s.shipment_id END AS shipment_id FROM standing s) s
    WHERE l.id = s.id AND l.site_id = s.site_id AND (l.intricate, l.shipment_id) IS DISTINCT FROM (s.intricate, s.shipment_id)
$$;
-- +goose StatementEnd
-- Row level security holds a table's owner too: where this isn't a superuser's work, it needs the sites in sight.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
SELECT tell_standings();
ALTER TABLE lot ALTER COLUMN intricate SET DEFAULT true; -- who doesn't say of a lot that its row tells all makes reports slower, and none wrong
ALTER TABLE lot ADD CONSTRAINT lot_shipped_check CHECK (status <> 'SHIPPED' OR shipment_id IS NOT NULL OR intricate); -- or no report would tell of it

-- A set of lots by their numbers, or of very many by a bit for each number (the first is 0's), where numbers is NULL. Planned with what it stands
-- in and with what it is given (force_custom_plan), of the conditions one is left.
CREATE FUNCTION numbered_lots(numbers bigint[], bits bytea) RETURNS SETOF lot LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT l.* FROM lot l
    WHERE CASE WHEN $1 IS NOT NULL THEN l.number = ANY($1) WHEN l.number < 8 * length($2) THEN get_bit($2, l.number) = 1 ELSE false END
$$;

-- The lots of reports, by site and by 32,768 numbers (4 KB) at once: a row a lot took longer to write than all else did.
CREATE TABLE recall_report_lots (
    report_id uuid    NOT NULL,
    page      integer NOT NULL, -- number / 32768
    site_id   integer NOT NULL,
    bits      bytea   STORAGE PLAIN NOT NULL, -- by number % 32768; compressed, each look at a bit would unpack all
    CONSTRAINT recall_report_lots_pkey PRIMARY KEY (report_id, page, site_id)
);
ALTER TABLE recall_report_lots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY recall_report_lots_of_site ON recall_report_lots USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT ON recall_report_lots TO flowviz_app;

-- The bits of some numbers of one page.
-- +goose StatementBegin
CREATE FUNCTION bits_of(numbers bigint[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bits bytea := decode(repeat('00', 4096), 'hex');
    n    bigint;
BEGIN
    FOREACH n IN ARRAY numbers LOOP
        bits := set_bit(bits, n % 32768, 1);
    END LOOP;
    RETURN bits;
END $$;
-- +goose StatementEnd
INSERT INTO recall_report_lots (report_id, page, site_id, bits)
SELECT r.report_id, l.number / 32768, r.site_id, bits_of(array_agg(l.number)) FROM recall_report_lot r JOIN lot l ON l.id = r.lot_id GROUP BY 1, 2, 3;
DROP TABLE recall_report_lot;

-- +goose Down
CREATE TABLE recall_report_lot (
    report_id uuid    NOT NULL,
    lot_id    uuid    NOT NULL,
    site_id   integer NOT NULL,
    CONSTRAINT recall_report_lot_pkey PRIMARY KEY (report_id, lot_id, site_id)
);
ALTER TABLE recall_report_lot ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY recall_report_lot_of_site ON recall_report_lot USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT ON recall_report_lot TO flowviz_app;
-- Row level security holds a table's owner too: where this isn't a superuser's work, it needs the sites in sight.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
INSERT INTO recall_report_lot (report_id, lot_id, site_id)
SELECT r.report_id, l.id, r.site_id FROM recall_report_lots r CROSS JOIN generate_series(0, 32767) AS n JOIN lot l ON l.number = r.page * 32768::bigint + n
WHERE get_bit(r.bits, n) = 1;
DROP TABLE recall_report_lots;
DROP FUNCTION bits_of;
DROP FUNCTION numbered_lots;
DROP FUNCTION tell_standings;
DROP FUNCTION takes_all;
ALTER TABLE lot DROP CONSTRAINT lot_shipment_check, DROP CONSTRAINT lot_shipped_check, DROP COLUMN intricate, DROP COLUMN shipment_id, DROP COLUMN number;
