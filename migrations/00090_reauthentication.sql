-- +goose Up
-- When the identity provider was asked to let somebody show again who they are, and did: it counts for one signature, which takes it
-- away. Of other sign-ins, for which no signature may be given, nothing asks the time.
ALTER TABLE session RENAME COLUMN authenticated_at TO reauthenticated_at;
UPDATE session SET reauthenticated_at = NULL;

-- +goose Down
ALTER TABLE session RENAME COLUMN reauthenticated_at TO authenticated_at;
