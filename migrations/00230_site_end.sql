-- +goose Up
-- A plant that was closed: what is there can be read, shipped, held and recalled, and nothing is started or made there any more.
ALTER TABLE site ADD COLUMN ended_at timestamptz;
GRANT UPDATE (ended_at) ON site TO flowviz_app;

-- +goose Down
REVOKE UPDATE (ended_at) ON site FROM flowviz_app;
ALTER TABLE site DROP COLUMN ended_at;
