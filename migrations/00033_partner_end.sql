-- +goose Up
-- A partner with whom a site works no more: what was bought from and sold to it still names it.
ALTER TABLE partner ADD COLUMN ended_at timestamptz;

-- +goose Down
ALTER TABLE partner DROP COLUMN ended_at;
