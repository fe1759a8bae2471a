-- +goose Up
CREATE TYPE scenario_status AS ENUM ('DRAFT', 'REVIEW', 'PUBLISHED', 'DEPRECATED');
CREATE TYPE lot_role AS ENUM ('RAW', 'INTERMEDIATE', 'FINISHED', 'PACKAGING', 'LOGISTIC', 'REWORK', 'SAMPLE', 'WASTE');
CREATE TYPE gate_kind AS ENUM ('CCP', 'OPRP', 'PRP');
CREATE TYPE gate_mode AS ENUM ('BLOCKING', 'CHECKPOINT', 'INFO');

-- A versioned production definition of the company, of no single site. `definition` is the whole of it as loaded; the
-- tables below are what other rows refer to. Texts are {"en": …, "hu": …}.
CREATE TABLE scenario (
    id          uuid            NOT NULL,
    key         text            NOT NULL,
    version     text            NOT NULL,
    name        jsonb           NOT NULL,
    description jsonb           NOT NULL,
    status      scenario_status NOT NULL,
    definition  jsonb           NOT NULL,
    CONSTRAINT scenario_pkey PRIMARY KEY (id),
    CONSTRAINT scenario_key_version_key UNIQUE (key, version)
);
CREATE UNIQUE INDEX scenario_published_key ON scenario (key) WHERE status = 'PUBLISHED';

CREATE TABLE stream (
    id          uuid    NOT NULL,
    scenario_id uuid    NOT NULL,
    key         text    NOT NULL,
    name        jsonb   NOT NULL,
    color       text    NOT NULL,
    sort_order  integer NOT NULL,
    CONSTRAINT stream_pkey PRIMARY KEY (id),
    CONSTRAINT stream_key_key UNIQUE (scenario_id, key),
    CONSTRAINT stream_scenario_fkey FOREIGN KEY (scenario_id) REFERENCES scenario (id)
);

CREATE TABLE phase (
    id          uuid    NOT NULL,
    scenario_id uuid    NOT NULL,
    stream_id   uuid,
    number      integer NOT NULL,
    name        jsonb   NOT NULL,
    CONSTRAINT phase_pkey PRIMARY KEY (id),
    CONSTRAINT phase_number_key UNIQUE (scenario_id, number),
    CONSTRAINT phase_scenario_fkey FOREIGN KEY (scenario_id) REFERENCES scenario (id),
    CONSTRAINT phase_stream_fkey FOREIGN KEY (stream_id) REFERENCES stream (id)
);

-- A kind of material. Those of no scenario are what lots from outside are of.
CREATE TABLE lot_type (
    id              uuid     NOT NULL,
    scenario_id     uuid,
    code            text     NOT NULL,
    name            jsonb    NOT NULL,
    role            lot_role NOT NULL,
    unit            text     NOT NULL,
    shelf_life_days integer,
    -- Place in the scenario's own list.
    sort_order      integer  NOT NULL,
    CONSTRAINT lot_type_pkey PRIMARY KEY (id),
    CONSTRAINT lot_type_code_key UNIQUE NULLS NOT DISTINCT (scenario_id, code),
    CONSTRAINT lot_type_scenario_fkey FOREIGN KEY (scenario_id) REFERENCES scenario (id)
);

-- `limits`, `checklist` and `frequency` are values of the gate, evaluated whole by the server and referred to by nothing.
CREATE TABLE qc_gate (
    id               uuid          NOT NULL,
    scenario_id      uuid          NOT NULL,
    phase_id         uuid          NOT NULL,
    number           numeric(4, 2) NOT NULL,
    name             jsonb         NOT NULL,
    kind             gate_kind     NOT NULL,
    mode             gate_mode     NOT NULL,
    per_lot          boolean       NOT NULL,
    bracketing       boolean       NOT NULL,
    positive_release boolean       NOT NULL,
    frequency        jsonb         NOT NULL,
    limits           jsonb         NOT NULL,
    checklist        jsonb         NOT NULL,
    CONSTRAINT qc_gate_pkey PRIMARY KEY (id),
    CONSTRAINT qc_gate_number_key UNIQUE (scenario_id, number),
    CONSTRAINT qc_gate_scenario_fkey FOREIGN KEY (scenario_id) REFERENCES scenario (id),
    CONSTRAINT qc_gate_phase_fkey FOREIGN KEY (phase_id) REFERENCES phase (id)
);
CREATE INDEX qc_gate_phase_idx ON qc_gate (phase_id);

-- The lot types that a gate applies to.
CREATE TABLE qc_gate_lot_type (
    gate_id     uuid NOT NULL,
    lot_type_id uuid NOT NULL,
    CONSTRAINT qc_gate_lot_type_pkey PRIMARY KEY (gate_id, lot_type_id),
    CONSTRAINT qc_gate_lot_type_gate_fkey FOREIGN KEY (gate_id) REFERENCES qc_gate (id),
    CONSTRAINT qc_gate_lot_type_type_fkey FOREIGN KEY (lot_type_id) REFERENCES lot_type (id)
);

-- What lots of other parties are of: fixed ids, the same in every database.
INSERT INTO lot_type (id, scenario_id, code, name, role, unit, sort_order) VALUES
    ('00000000-0000-7000-8000-000000000001', NULL, 'GOODS', '{"en": "Goods of another party", "hu": "Más fél áruja"}', 'RAW', 'KGM', 1),
    ('00000000-0000-7000-8000-000000000002', NULL, 'LU', '{"en": "Logistic unit of another party", "hu": "Más fél logisztikai egysége"}', 'LOGISTIC', 'EA', 2);

-- +goose Down
DROP TABLE qc_gate_lot_type, qc_gate, lot_type, phase, stream, scenario;
DROP TYPE gate_mode, gate_kind, lot_role, scenario_status;
