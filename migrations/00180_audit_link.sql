-- +goose Up
-- The same link of a site's log, in a language that keeps its plan: as an SQL function its body was parsed and planned anew by each statement, and
-- run by an executor of its own for each event.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_link(hash bytea, first bytea, content bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN sha256(coalesce(hash, first) || content);
END $$;
-- +goose StatementEnd

-- +goose Down
CREATE OR REPLACE FUNCTION audit_link(hash bytea, first bytea, content bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(coalesce(hash, first) || content);
