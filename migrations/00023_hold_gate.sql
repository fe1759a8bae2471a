-- +goose Up
-- The gate at which a reading violated a limit, where that opened the hold and no decision did: letting the lot go follows the
-- gate's rules.
ALTER TABLE hold ADD COLUMN gate_id uuid;
ALTER TABLE hold ADD CONSTRAINT hold_gate_fkey FOREIGN KEY (gate_id) REFERENCES qc_gate (id);
ALTER TABLE hold ADD CONSTRAINT hold_gate_check CHECK (gate_id IS NULL OR decision_id IS NULL);

-- +goose Down
ALTER TABLE hold DROP COLUMN gate_id;
