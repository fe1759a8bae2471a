-- +goose Up
CREATE TYPE run_status AS ENUM ('IDLE', 'RUNNING', 'HOLD', 'COMPLETED', 'ABORTED', 'ARCHIVED');

-- One execution of a scenario version, which it pins for ever.
CREATE TABLE run (
    id            uuid       NOT NULL,
    site_id       integer    NOT NULL,
    code          text       NOT NULL,
    status        run_status NOT NULL,
    -- Why it was last held, resumed or aborted.
    status_reason text,
    scenario_id   uuid       NOT NULL,
    phase_id      uuid       NOT NULL,
    operator_id   uuid,
    started_at    timestamptz,
    ended_at      timestamptz,
    CONSTRAINT run_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT run_code_key UNIQUE (code), -- the code names its site
    CONSTRAINT run_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT run_scenario_fkey FOREIGN KEY (scenario_id) REFERENCES scenario (id),
    CONSTRAINT run_phase_fkey FOREIGN KEY (phase_id) REFERENCES phase (id),
    CONSTRAINT run_operator_fkey FOREIGN KEY (operator_id) REFERENCES app_user (id),
    CONSTRAINT run_status_reason_check CHECK (char_length(status_reason) BETWEEN 10 AND 500),
    CONSTRAINT run_ended_check CHECK (ended_at >= started_at)
);

-- +goose Down
DROP TABLE run;
DROP TYPE run_status;
