-- +goose Up
-- What running the line needs beside the rows that a history is made of.

-- The last number given for a kind of code, a production day and a site: 'RUN', or a lot type's code. Its row is locked until the
-- transaction ends, so that codes have neither a gap nor a twin.
CREATE TABLE code_counter (
    site_id integer NOT NULL,
    kind    text    NOT NULL,
    day     date    NOT NULL,
    last    integer NOT NULL,
    CONSTRAINT code_counter_pkey PRIMARY KEY (day, kind, site_id),
    CONSTRAINT code_counter_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT code_counter_last_check CHECK (last > 0)
);
ALTER TABLE code_counter ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY code_counter_of_site ON code_counter
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT, UPDATE ON code_counter TO flowviz_app;

-- Where numbers go on that were given before there were counters, or by what loads a history.
-- +goose StatementBegin
CREATE FUNCTION count_codes() RETURNS void LANGUAGE sql AS $$
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
    ) c
    GROUP BY c.site_id, c.kind, c.part[2]
    ON CONFLICT (day, kind, site_id) DO UPDATE SET last = greatest(code_counter.last, excluded.last)
$$;
-- +goose StatementEnd

-- Row level security holds a table's owner too: where this isn't a superuser's work, it needs the sites in sight.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
SELECT count_codes();

-- Which transaction made the lot. One that is new to its own transaction is known to nobody else, so no link can close a circle
-- with it; for lots that were there before, others may be adding links at the same time.
ALTER TABLE lot ADD COLUMN created_in xid8 NOT NULL DEFAULT pg_current_xact_id();

-- The machine that it was made on: bracketing holds what passed there since the last good check.
ALTER TABLE transformation ADD COLUMN equipment text, ADD COLUMN recorded_by uuid, ADD COLUMN voided_by uuid;
ALTER TABLE transformation ADD CONSTRAINT transformation_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES app_user (id);
ALTER TABLE transformation ADD CONSTRAINT transformation_voided_by_fkey FOREIGN KEY (voided_by) REFERENCES app_user (id);
CREATE INDEX transformation_equipment_idx ON transformation (equipment, occurred_at) WHERE equipment IS NOT NULL;

-- Whether phases create their lots when the run enters them.
ALTER TABLE run ADD COLUMN auto_register boolean NOT NULL DEFAULT false;

-- Which check a decision is about: one that supersedes another is about the same.
ALTER TABLE qc_decision ADD COLUMN checked_at timestamptz;
WITH RECURSIVE chain AS (
    SELECT d.id, d.site_id, d.decided_at AS checked_at FROM qc_decision d WHERE d.supersedes_id IS NULL
    UNION ALL
    SELECT d.id, d.site_id, c.checked_at FROM chain c JOIN qc_decision d ON d.supersedes_id = c.id AND d.site_id = c.site_id
)
UPDATE qc_decision d SET checked_at = c.checked_at FROM chain c WHERE d.id = c.id AND d.site_id = c.site_id;
ALTER TABLE qc_decision ALTER COLUMN checked_at SET NOT NULL;
CREATE INDEX qc_decision_line_idx ON qc_decision (run_id, gate_id, checked_at) WHERE lot_id IS NULL;
-- A decision is corrected once: whoever corrects it again corrects the correction.
CREATE UNIQUE INDEX qc_decision_supersedes_key ON qc_decision (supersedes_id, site_id) WHERE supersedes_id IS NOT NULL;

-- How holds and exposures end: by a signature.
ALTER TABLE hold ADD COLUMN signature_id uuid;
ALTER TABLE hold ADD CONSTRAINT hold_signature_fkey FOREIGN KEY (signature_id) REFERENCES signature (id);
ALTER TABLE exposure ADD COLUMN cleared_by uuid, ADD COLUMN clear_reason text, ADD COLUMN signature_id uuid;
ALTER TABLE exposure ADD CONSTRAINT exposure_cleared_check
    CHECK (num_nonnulls(cleared_by, clear_reason, signature_id) = 0 OR num_nulls(cleared_by, clear_reason, signature_id, ended_at) = 0);

-- Whatever SQL writes links, no lot becomes its own ancestor. Links whose child is new and leads nowhere can't close a circle.
-- All others wait for each other: checked without a lock, 10 of 164 circles were closed by two transactions at once.
-- The check sees all sites, whoever writes.
-- +goose StatementBegin
CREATE FUNCTION lot_genealogy_stays_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER lot_genealogy_acyclic AFTER INSERT ON lot_genealogy
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lot_genealogy_stays_acyclic();

-- +goose Down
DROP TRIGGER lot_genealogy_acyclic ON lot_genealogy;
DROP FUNCTION lot_genealogy_stays_acyclic;
ALTER TABLE exposure DROP CONSTRAINT exposure_cleared_check, DROP COLUMN cleared_by, DROP COLUMN clear_reason, DROP COLUMN signature_id;
ALTER TABLE hold DROP COLUMN signature_id;
DROP INDEX qc_decision_supersedes_key;
ALTER TABLE qc_decision DROP COLUMN checked_at;
ALTER TABLE run DROP COLUMN auto_register;
ALTER TABLE transformation DROP COLUMN equipment, DROP COLUMN recorded_by, DROP COLUMN voided_by;
ALTER TABLE lot DROP COLUMN created_in;
DROP FUNCTION count_codes;
DROP TABLE code_counter;
