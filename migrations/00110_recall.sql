-- +goose Up
CREATE TYPE recall_kind AS ENUM ('MOCK', 'REAL');

-- Suspect lots of one site, and all that was made of them. A MOCK one is an exercise and stops nothing; a REAL one holds the suspects, for a
-- deviation of its own, and exposes what was made of them until it is closed.
CREATE TABLE recall (
    id                 uuid        NOT NULL,
    site_id            integer     NOT NULL,
    code               text        NOT NULL,
    kind               recall_kind NOT NULL,
    reason             text        NOT NULL,
    -- What the suspects were found by, as it was asked for.
    scope              jsonb       NOT NULL,
    opened_at          timestamptz NOT NULL,
    opened_by          uuid        NOT NULL,
    open_signature_id  uuid,
    deviation_id       uuid,
    closed_at          timestamptz,
    closed_by          uuid,
    conclusion         text,
    close_signature_id uuid,
    CONSTRAINT recall_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT recall_code_key UNIQUE (code), -- the code names its site
    CONSTRAINT recall_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT recall_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES app_user (id),
    CONSTRAINT recall_open_signature_fkey FOREIGN KEY (open_signature_id) REFERENCES signature (id),
    CONSTRAINT recall_deviation_fkey FOREIGN KEY (deviation_id, site_id) REFERENCES deviation (id, site_id),
    CONSTRAINT recall_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES app_user (id),
    CONSTRAINT recall_close_signature_fkey FOREIGN KEY (close_signature_id) REFERENCES signature (id),
    CONSTRAINT recall_reason_check CHECK (char_length(btrim(reason)) >= 10),
    -- Who stops lots signs for it; an exercise needs no signature to begin.
    CONSTRAINT recall_real_check CHECK (CASE kind WHEN 'REAL' THEN num_nulls(open_signature_id, deviation_id) = 0 ELSE num_nonnulls(open_signature_id, deviation_id) = 0 END),
    CONSTRAINT recall_closed_check CHECK (num_nonnulls(closed_at, closed_by, close_signature_id, conclusion) = 0
        OR num_nulls(closed_at, closed_by, close_signature_id) = 0 AND closed_at >= opened_at)
);

-- The suspects, as they were when it was opened.
CREATE TABLE recall_suspect (
    recall_id uuid    NOT NULL,
    lot_id    uuid    NOT NULL,
    site_id   integer NOT NULL,
    CONSTRAINT recall_suspect_pkey PRIMARY KEY (recall_id, lot_id, site_id),
    CONSTRAINT recall_suspect_recall_fkey FOREIGN KEY (recall_id, site_id) REFERENCES recall (id, site_id),
    CONSTRAINT recall_suspect_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id)
);

-- What a recall found, at an instant: one when it is opened, at each refresh and when it is closed. None is ever changed: an auditor sees
-- what was known when.
CREATE TABLE recall_report (
    id          uuid        NOT NULL,
    recall_id   uuid        NOT NULL,
    site_id     integer     NOT NULL,
    computed_at timestamptz NOT NULL,
    computed_by uuid        NOT NULL,
    CONSTRAINT recall_report_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT recall_report_recall_fkey FOREIGN KEY (recall_id, site_id) REFERENCES recall (id, site_id),
    CONSTRAINT recall_report_computed_by_fkey FOREIGN KEY (computed_by) REFERENCES app_user (id)
);
CREATE INDEX recall_report_recall_idx ON recall_report (recall_id, id);

-- The lots of a report: the suspects and all that was made of them, wherever that is. They and the figures of each site belong to the lots'
-- site and not to the recall's: who is no member there doesn't see them, and the goods count as shipped to its partner. Without
-- foreign keys, as exposures are.
CREATE TABLE recall_report_lot (
    report_id uuid    NOT NULL,
    lot_id    uuid    NOT NULL,
    site_id   integer NOT NULL,
    CONSTRAINT recall_report_lot_pkey PRIMARY KEY (report_id, lot_id, site_id)
);

-- What is at a site or was used up there, in kilograms; what went to other lots of the report is counted with these.
CREATE TABLE recall_report_site (
    report_id      uuid    NOT NULL,
    site_id        integer NOT NULL,
    lots           integer NOT NULL,
    on_site_kg     numeric(18, 3) NOT NULL,
    taken_kg       numeric(18, 3) NOT NULL, -- sampled and wasted
    lost_kg        numeric(18, 3) NOT NULL, -- what stocktakes missed
    shipped_off_kg numeric(18, 3) NOT NULL, -- to nobody knows whom
    CONSTRAINT recall_report_site_pkey PRIMARY KEY (report_id, site_id)
);

-- What lies where at a site: location_id is null where nobody said.
CREATE TABLE recall_report_stock (
    report_id   uuid    NOT NULL,
    site_id     integer NOT NULL,
    location_id uuid,
    status      text    NOT NULL, -- as the API calls it
    lots        integer NOT NULL,
    kg          numeric(18, 3) NOT NULL,
    CONSTRAINT recall_report_stock_key UNIQUE NULLS NOT DISTINCT (report_id, site_id, location_id, status)
);

-- What was shipped to whom, and is still outside. Where the partner is another site of the company (to_site_id), what that has received is
-- there and not outside for who sees both.
CREATE TABLE recall_report_consignee (
    report_id     uuid    NOT NULL,
    site_id       integer NOT NULL,
    partner_id    uuid    NOT NULL,
    lots          integer NOT NULL,
    kg            numeric(18, 3) NOT NULL,
    to_site_id    integer,
    received_lots integer NOT NULL, -- of which all is there
    received_kg   numeric(18, 3) NOT NULL,
    CONSTRAINT recall_report_consignee_pkey PRIMARY KEY (report_id, partner_id, site_id)
);

-- +goose StatementBegin
DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['recall', 'recall_suspect', 'recall_report', 'recall_report_lot', 'recall_report_site', 'recall_report_stock', 'recall_report_consignee'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format($policy$
            CREATE POLICY %I ON %I USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])))
        $policy$, own || '_of_site', own);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO flowviz_app', own);
    END LOOP;
END $$;
-- +goose StatementEnd
-- What opened it stays as it was.
GRANT UPDATE (closed_at, closed_by, conclusion, close_signature_id) ON recall TO flowviz_app;

-- The recall that holds a suspect: its hold exposes nothing by itself, since the recall does.
ALTER TABLE hold ADD COLUMN recall_id uuid;
ALTER TABLE hold ADD CONSTRAINT hold_recall_fkey FOREIGN KEY (recall_id, site_id) REFERENCES recall (id, site_id);
CREATE INDEX hold_recall_idx ON hold (recall_id, lot_id) WHERE recall_id IS NOT NULL;

-- What came from a supplier.
CREATE INDEX lot_supplier_idx ON lot (supplier_id, id) WHERE supplier_id IS NOT NULL;

-- Exposes the suspects of a recall and all that was made of them, with one row a lot however many suspects are in it: what one suspect has
-- reached is passed over for the next, so that each lot is visited once. As a row for each suspect, a bracketed morning of 500
-- lots that went into one another would be 500 rows for each lot made of them. Gives how many lots it reached at each site.
-- +goose StatementBegin
CREATE FUNCTION expose_to_recall(recall uuid, at timestamptz) RETURNS TABLE (site integer, lots bigint) LANGUAGE plpgsql AS $$
DECLARE
    suspect recall_suspect;
BEGIN
    FOR suspect IN SELECT * FROM recall_suspect s WHERE s.recall_id = recall ORDER BY s.lot_id LOOP
        WITH RECURSIVE below (lot_id, site_id) AS (
            SELECT suspect.lot_id, suspect.site_id
            UNION
            SELECT g.child_id, g.site_id FROM below b JOIN lot_genealogy g ON g.parent_id = b.lot_id
            WHERE NOT EXISTS (
                SELECT FROM exposure x WHERE x.lot_id = g.child_id AND x.cause_id = recall AND x.reason = 'RECALL' AND x.site_id = g.site_id
            )
        )
        INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at)
        SELECT b.lot_id, recall, b.site_id, suspect.lot_id, suspect.site_id, 'RECALL', at FROM below b
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN QUERY SELECT x.site_id, count(*) FROM exposure x WHERE x.cause_id = recall GROUP BY x.site_id ORDER BY x.site_id;
END $$;
-- +goose StatementEnd

-- Where numbers go on, recalls' too: RECALL alone could be a lot type's code.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION count_codes() RETURNS void LANGUAGE sql AS $$
    INSERT INTO code_counter (site_id, kind, day, last)
    SELECT c.site_id, c.kind, to_date(c.part[2], 'YYYYMMDD'), max(c.part[3]::integer)
    FROM (
        SELECT l.site_id, p.part[1] AS kind, p.part
        FROM lot l CROSS JOIN LATERAL (SELECT regexp_match(l.code, '^([A-Z][A-Z0-9]{0,5})-(20\d{6})-[A-Z]{4}-(\d{4,9})$') AS part) p
        WHERE p.part IS NOT NULL
        UNION ALL
        SELECT r.site_id, 'RUN', p.part
        FROM run r CROSS JOIN LATERAL (SELECT regexp_match(r.code, '^(RUN)-(20\d{6})-[A-Z]{4}-(\d{4,9})$') AS part) p
        WHERE p.part IS NOT NULL
        UNION ALL
        SELECT d.site_id, 'DEVIATION', regexp_match(d.code, '^(DEV)-(20\d{6})-[A-Z]{4}-(\d{4,9})$') FROM deviation d
        UNION ALL
        SELECT k.site_id, 'RECALLS', regexp_match(k.code, '^(REC)-(20\d{6})-[A-Z]{4}-(\d{4,9})$') FROM recall k
    ) c
    GROUP BY c.site_id, c.kind, c.part[2]
    ON CONFLICT (day, kind, site_id) DO UPDATE SET last = greatest(code_counter.last, excluded.last)
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION count_codes() RETURNS void LANGUAGE sql AS $$
    INSERT INTO code_counter (site_id, kind, day, last)
    SELECT c.site_id, c.kind, to_date(c.part[2], 'YYYYMMDD'), max(c.part[3]::integer)
    FROM (
        SELECT l.site_id, p.part[1] AS kind, p.part
        FROM lot l CROSS JOIN LATERAL (SELECT regexp_match(l.code, '^([A-Z][A-Z0-9]{0,5})-(20\d{6})-[A-Z]{4}-(\d{4,9})$') AS part) p
        WHERE p.part IS NOT NULL
        UNION ALL
        SELECT r.site_id, 'RUN', p.part
        FROM run r CROSS JOIN LATERAL (SELECT regexp_match(r.code, '^(RUN)-(20\d{6})-[A-Z]{4}-(\d{4,9})$') AS part) p
        WHERE p.part IS NOT NULL
        UNION ALL
        SELECT d.site_id, 'DEVIATION', regexp_match(d.code, '^(DEV)-(20\d{6})-[A-Z]{4}-(\d{4,9})$') FROM deviation d
    ) c
    GROUP BY c.site_id, c.kind, c.part[2]
    ON CONFLICT (day, kind, site_id) DO UPDATE SET last = greatest(code_counter.last, excluded.last)
$$;
-- +goose StatementEnd
DROP FUNCTION expose_to_recall;
DROP INDEX lot_supplier_idx;
ALTER TABLE hold DROP COLUMN recall_id;
DROP TABLE recall_report_consignee, recall_report_stock, recall_report_site, recall_report_lot, recall_report, recall_suspect, recall;
DROP TYPE recall_kind;
