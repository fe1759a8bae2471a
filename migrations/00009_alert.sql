-- +goose Up
CREATE TYPE alert_kind AS ENUM ('QC_HOLD', 'QC_FAIL', 'CHECK_MISSED', 'LIMIT_EXCEEDED', 'YIELD_OUT_OF_BAND', 'OVERDRAW', 'RULE_BROKEN', 'OUT_OF_BOUNDS');
CREATE TYPE alert_severity AS ENUM ('INFO', 'WARNING', 'CRITICAL');

-- Something that a person must see, until acknowledged.
CREATE TABLE alert (
    id              uuid           NOT NULL,
    site_id         integer        NOT NULL,
    kind            alert_kind     NOT NULL,
    severity        alert_severity NOT NULL,
    message         text           NOT NULL,
    lot_id          uuid,
    run_id          uuid,
    raised_at       timestamptz    NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    CONSTRAINT alert_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT alert_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT alert_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT alert_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT alert_acknowledged_by_fkey FOREIGN KEY (acknowledged_by) REFERENCES app_user (id),
    CONSTRAINT alert_acknowledged_check CHECK (acknowledged_at >= raised_at)
);
CREATE INDEX alert_open_idx ON alert (id) WHERE acknowledged_at IS NULL;
CREATE INDEX alert_run_idx ON alert (run_id, id) WHERE run_id IS NOT NULL;
CREATE INDEX alert_lot_idx ON alert (lot_id, id) WHERE lot_id IS NOT NULL;

-- +goose Down
DROP TABLE alert;
DROP TYPE alert_severity, alert_kind;
