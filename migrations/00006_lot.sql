-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- HOLD is not among them: a hold is a record beside the status (see hold), and what a lot was is not lost by it.
CREATE TYPE lot_status AS ENUM ('QUARANTINE', 'RELEASED', 'REJECTED', 'CONSUMED', 'SHIPPED');
CREATE TYPE lot_source AS ENUM ('PERSON', 'DEVICE', 'AUTO', 'IMPORT');

-- A traceable amount of material: weighed (weight_kg), or counted (quantity and unit), or neither yet.
CREATE TABLE lot (
    id                 uuid       NOT NULL,
    site_id            integer    NOT NULL,
    code               text       NOT NULL,
    -- One spelling of a GS1 key, "01/<gtin>/10/<lot>" or "00/<sscc>", where the code is a URN or a Digital Link.
    gs1_key            text,
    lot_type_id        uuid       NOT NULL,
    status             lot_status NOT NULL,
    source             lot_source NOT NULL,
    weight_kg          numeric(12, 3),
    remaining_kg       numeric(12, 3),
    quantity           numeric(12, 3),
    remaining_quantity numeric(12, 3),
    unit               text,
    temperature_c      numeric(5, 2),
    attributes         jsonb      NOT NULL DEFAULT '{}',
    supplier_id        uuid,
    run_id             uuid,
    phase_id           uuid,
    occurred_at        timestamptz NOT NULL,
    registered_at      timestamptz NOT NULL,
    registered_by      uuid,
    -- True while a hold is open on it; kept by the trigger on hold.
    held               boolean    NOT NULL DEFAULT false,
    CONSTRAINT lot_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT lot_code_key UNIQUE (code, site_id),
    CONSTRAINT lot_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT lot_lot_type_fkey FOREIGN KEY (lot_type_id) REFERENCES lot_type (id),
    CONSTRAINT lot_supplier_fkey FOREIGN KEY (supplier_id, site_id) REFERENCES partner (id, site_id),
    CONSTRAINT lot_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT lot_phase_fkey FOREIGN KEY (phase_id) REFERENCES phase (id),
    CONSTRAINT lot_registered_by_fkey FOREIGN KEY (registered_by) REFERENCES app_user (id),
    CONSTRAINT lot_code_check CHECK (char_length(code) BETWEEN 1 AND 1000),
    CONSTRAINT lot_weight_check CHECK (weight_kg >= 0),
    CONSTRAINT lot_quantity_check CHECK (quantity >= 0),
    CONSTRAINT lot_temperature_check CHECK (temperature_c BETWEEN -50 AND 100),
    -- Weighed or counted, never both: counts are no mass.
    CONSTRAINT lot_measure_check CHECK (weight_kg IS NULL OR quantity IS NULL),
    -- What is known to have been is known to remain, or not.
    CONSTRAINT lot_remaining_check CHECK ((weight_kg IS NULL) = (remaining_kg IS NULL) AND (quantity IS NULL) = (remaining_quantity IS NULL)),
    -- Nothing is consumed beyond what remains; an import records what others did all the same.
    CONSTRAINT lot_overdraw_check CHECK (source = 'IMPORT' OR (remaining_kg >= 0 AND remaining_kg <= weight_kg) OR weight_kg IS NULL),
    CONSTRAINT lot_count_overdraw_check CHECK (source = 'IMPORT' OR (remaining_quantity >= 0 AND remaining_quantity <= quantity) OR quantity IS NULL)
);
CREATE UNIQUE INDEX lot_gs1_key_key ON lot (gs1_key, site_id) WHERE gs1_key IS NOT NULL;
CREATE INDEX lot_run_idx ON lot (run_id, id) WHERE run_id IS NOT NULL;
CREATE INDEX lot_type_idx ON lot (lot_type_id, id);
CREATE INDEX lot_occurred_idx ON lot (occurred_at, id);
CREATE INDEX lot_held_idx ON lot (id) WHERE held;
-- A person types any part of a code.
CREATE INDEX lot_code_trgm_idx ON lot USING gin (code gin_trgm_ops);
-- … or what the supplier calls it.
CREATE INDEX lot_supplier_lot_idx ON lot ((attributes ->> 'supplierLotCode')) WHERE attributes ? 'supplierLotCode';

-- +goose Down
DROP TABLE lot;
DROP TYPE lot_source, lot_status;
DROP EXTENSION pg_trgm;
