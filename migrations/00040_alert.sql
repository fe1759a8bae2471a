-- +goose Up
ALTER TYPE alert_kind ADD VALUE 'FAIL_RATE';
ALTER TYPE alert_kind ADD VALUE 'RUN_IDLE';
ALTER TYPE alert_kind ADD VALUE 'DEVIATION_OVERDUE';

-- What an alert is about in one word, such as the gate of a run: of one kind about one thing, only one is open at a time,
-- however many replicas find the same at once. Null where each stands for itself.
ALTER TABLE alert ADD COLUMN subject text;
CREATE UNIQUE INDEX alert_open_key ON alert (site_id, kind, subject) WHERE acknowledged_at IS NULL AND subject IS NOT NULL;
-- When it was acknowledged last: a thing that still is so is told again, but not at once.
CREATE INDEX alert_subject_idx ON alert (site_id, kind, subject, acknowledged_at) WHERE subject IS NOT NULL;

-- What overdue checks and the fail rate ask for.
CREATE INDEX qc_decision_gate_idx ON qc_decision (run_id, gate_id, decided_at) WHERE run_id IS NOT NULL;
CREATE INDEX qc_decision_decided_idx ON qc_decision (site_id, decided_at);
CREATE INDEX run_running_idx ON run (site_id, id) WHERE status = 'RUNNING';

-- +goose Down
DROP INDEX run_running_idx, qc_decision_decided_idx, qc_decision_gate_idx, alert_subject_idx, alert_open_key;
ALTER TABLE alert DROP COLUMN subject;
-- A type loses no value: make it anew. An older program knows these as what they are nearest to.
ALTER TYPE alert_kind RENAME TO alert_kind_later;
CREATE TYPE alert_kind AS ENUM ('QC_HOLD', 'QC_FAIL', 'CHECK_MISSED', 'LIMIT_EXCEEDED', 'YIELD_OUT_OF_BAND', 'OVERDRAW', 'RULE_BROKEN', 'OUT_OF_BOUNDS');
ALTER TABLE alert ALTER COLUMN kind TYPE alert_kind USING (
    CASE kind::text WHEN 'FAIL_RATE' THEN 'QC_FAIL' WHEN 'RUN_IDLE' THEN 'CHECK_MISSED' WHEN 'DEVIATION_OVERDUE' THEN 'CHECK_MISSED' ELSE kind::text END
)::alert_kind;
DROP TYPE alert_kind_later;
