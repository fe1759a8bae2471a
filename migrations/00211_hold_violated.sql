-- +goose Up
-- When a reading was last outside a limit of the gate that holds the lot; null where none was since the hold. What was read until then says why
-- the lot is held, and what is read after it whether the treatment was good.
ALTER TABLE hold ADD COLUMN violated_at timestamptz;
ALTER TABLE hold ADD CONSTRAINT hold_violated_check CHECK (violated_at >= held_at);

-- +goose Down
ALTER TABLE hold DROP CONSTRAINT hold_violated_check, DROP COLUMN violated_at;
