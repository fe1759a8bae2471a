-- +goose Up
CREATE TYPE deviation_severity AS ENUM ('MINOR', 'MAJOR', 'CRITICAL');
CREATE TYPE deviation_disposition AS ENUM ('RELEASE', 'REWORK', 'DOWNGRADE', 'DESTROY', 'RETURN');
CREATE TYPE deviation_status AS ENUM ('OPEN', 'VERIFIED', 'CLOSED');

-- What a HOLD or FAIL, a reading outside a limit, or a person who holds lots opens: why it happened, what was done about it, what becomes
-- of the lots. Its lots are those of its holds, its decisions those that say so.
CREATE TABLE deviation (
    id                uuid               NOT NULL,
    site_id           integer            NOT NULL,
    code              text               NOT NULL,
    severity          deviation_severity NOT NULL,
    description       text               NOT NULL,
    -- Where it was found; null where a person held lots without a gate.
    gate_id           uuid,
    -- In which run; null where its lots are of none, or of several.
    run_id            uuid,
    opened_at         timestamptz        NOT NULL,
    opened_by         uuid               NOT NULL,
    due_at            timestamptz        NOT NULL,
    responsible_id    uuid,
    cause             text,
    corrective_action text,
    -- Of all its lots but those whose hold names another.
    disposition       deviation_disposition,
    described_at      timestamptz,
    -- Everybody who wrote any of it: none of them verifies it.
    described_by      uuid[]             NOT NULL DEFAULT '{}',
    verification      text,
    verified_at       timestamptz,
    verified_by       uuid,
    close_reason      text,
    closed_at         timestamptz,
    closed_by         uuid,
    signature_id      uuid,
    status            deviation_status   NOT NULL GENERATED ALWAYS AS (
        CASE WHEN closed_at IS NOT NULL THEN 'CLOSED'::deviation_status
             WHEN verified_at IS NOT NULL THEN 'VERIFIED'::deviation_status
             ELSE 'OPEN'::deviation_status END
    ) STORED,
    CONSTRAINT deviation_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT deviation_code_key UNIQUE (code), -- the code names its site
    CONSTRAINT deviation_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT deviation_gate_fkey FOREIGN KEY (gate_id) REFERENCES qc_gate (id),
    CONSTRAINT deviation_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT deviation_opened_by_fkey FOREIGN KEY (opened_by) REFERENCES app_user (id),
    CONSTRAINT deviation_responsible_fkey FOREIGN KEY (responsible_id) REFERENCES app_user (id),
    CONSTRAINT deviation_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES app_user (id),
    CONSTRAINT deviation_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES app_user (id),
    CONSTRAINT deviation_signature_fkey FOREIGN KEY (signature_id) REFERENCES signature (id),
    -- A verification is of all that was to be done, and by somebody who did none of it.
    CONSTRAINT deviation_verified_check CHECK (num_nonnulls(verified_at, verified_by, verification) = 0
        OR num_nulls(verified_at, verified_by, verification, cause, corrective_action) = 0),
    CONSTRAINT deviation_second_person_check CHECK (verified_by <> opened_by AND verified_by <> ALL (described_by)),
    -- Closed is what was verified, by a signature.
    CONSTRAINT deviation_closed_check CHECK (num_nonnulls(closed_at, closed_by, close_reason, signature_id) = 0
        OR num_nulls(closed_at, closed_by, close_reason, signature_id, verified_at) = 0)
);
CREATE INDEX deviation_run_idx ON deviation (run_id, id) WHERE run_id IS NOT NULL;
-- What is overdue.
CREATE INDEX deviation_open_idx ON deviation (site_id, due_at) WHERE closed_at IS NULL;

ALTER TABLE deviation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY deviation_of_site ON deviation
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT ON deviation TO flowviz_app;
-- What opened it stays as it was.
GRANT UPDATE (due_at, responsible_id, cause, corrective_action, disposition, described_at, described_by, verification, verified_at, verified_by,
              close_reason, closed_at, closed_by, signature_id) ON deviation TO flowviz_app;

-- Each HOLD and FAIL opens one, or, as a correction, goes on with the one of what it corrects. Those of before this had none.
ALTER TABLE qc_decision ADD COLUMN deviation_id uuid;
ALTER TABLE qc_decision ADD CONSTRAINT qc_decision_deviation_fkey FOREIGN KEY (deviation_id, site_id) REFERENCES deviation (id, site_id);
ALTER TABLE qc_decision ADD CONSTRAINT qc_decision_deviation_check CHECK (decision = 'PASS' OR deviation_id IS NOT NULL) NOT VALID;
CREATE INDEX qc_decision_deviation_idx ON qc_decision (deviation_id, id) WHERE deviation_id IS NOT NULL;

-- The deviation that the hold belongs to, and what becomes of this lot where that isn't what becomes of the others.
ALTER TABLE hold ADD COLUMN deviation_id uuid, ADD COLUMN disposition deviation_disposition;
ALTER TABLE hold ADD CONSTRAINT hold_deviation_fkey FOREIGN KEY (deviation_id, site_id) REFERENCES deviation (id, site_id);
ALTER TABLE hold ADD CONSTRAINT hold_disposition_check CHECK (disposition IS NULL OR deviation_id IS NOT NULL);
CREATE INDEX hold_deviation_idx ON hold (deviation_id, lot_id) WHERE deviation_id IS NOT NULL;
-- What becomes of a lot doesn't hold it or let it go: its row, which lines draw from, stays untouched.
DROP TRIGGER hold_sets_lot_held ON hold;
CREATE TRIGGER hold_sets_lot_held AFTER INSERT OR UPDATE OF ended_at ON hold FOR EACH ROW EXECUTE FUNCTION hold_sets_lot_held();

-- Where numbers go on, deviations' too. No lot type is called DEVIATION: it would be too long.
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
    ) c
    GROUP BY c.site_id, c.kind, c.part[2]
    ON CONFLICT (day, kind, site_id) DO UPDATE SET last = greatest(code_counter.last, excluded.last)
$$;
-- +goose StatementEnd
DROP TRIGGER hold_sets_lot_held ON hold;
CREATE TRIGGER hold_sets_lot_held AFTER INSERT OR UPDATE ON hold FOR EACH ROW EXECUTE FUNCTION hold_sets_lot_held();
ALTER TABLE hold DROP COLUMN deviation_id, DROP COLUMN disposition;
ALTER TABLE qc_decision DROP COLUMN deviation_id;
DROP TABLE deviation;
DROP TYPE deviation_status, deviation_disposition, deviation_severity;
