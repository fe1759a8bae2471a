-- +goose Up
-- One reading of one probe, as probes and scales send them: of a lot, or of the line of a run. Append-only.
CREATE TABLE measurement (
    id          uuid        NOT NULL,
    site_id     integer     NOT NULL,
    -- Null where no gate asked for it.
    gate_id     uuid,
    lot_id      uuid,
    run_id      uuid,
    parameter   text        NOT NULL,
    value       numeric     NOT NULL,
    unit        text        NOT NULL,
    -- Empty where there is only one.
    probe       text        NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid        NOT NULL,
    CONSTRAINT measurement_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT measurement_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT measurement_gate_fkey FOREIGN KEY (gate_id) REFERENCES qc_gate (id),
    CONSTRAINT measurement_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT measurement_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT measurement_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES app_user (id),
    CONSTRAINT measurement_subject_check CHECK (lot_id IS NOT NULL OR run_id IS NOT NULL)
);
-- A probe has one value at a time: what it sends again changes nothing.
CREATE UNIQUE INDEX measurement_lot_key ON measurement (lot_id, gate_id, at, parameter, probe, site_id) NULLS NOT DISTINCT WHERE lot_id IS NOT NULL;
CREATE UNIQUE INDEX measurement_run_key ON measurement (run_id, gate_id, at, parameter, probe, site_id) NULLS NOT DISTINCT WHERE lot_id IS NULL;
ALTER TABLE measurement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY measurement_of_site ON measurement
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT ON measurement TO flowviz_app;

-- +goose Down
DROP TABLE measurement;
