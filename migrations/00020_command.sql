-- +goose Up
-- What happened at a site, for those who listen: numbered in each site without a gap, so that a reader who was away knows what
-- it missed. Whoever is told reloads what it is about by its id. No foreign keys but the site's: what listeners have heard
-- stays true.
CREATE TABLE event (
    id           uuid        NOT NULL,
    site_id      integer     NOT NULL,
    sequence     bigint      NOT NULL,
    type         text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    -- What it is about: the API's type and the key.
    subject_kind text        NOT NULL,
    subject_id   uuid        NOT NULL,
    run_id       uuid,
    -- What can't be reloaded, because it is different now: the status before, the number of lots exposed.
    data         jsonb       NOT NULL DEFAULT '{}',
    CONSTRAINT event_pkey PRIMARY KEY (id, site_id),
    -- A site's stream is read along this key.
    CONSTRAINT event_sequence_key UNIQUE (site_id, sequence),
    CONSTRAINT event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT event_sequence_check CHECK (sequence > 0)
);
ALTER TABLE event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY event_of_site ON event
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));

-- The first use of a key that a client gave with a mutation: sent again, it gets the first result and changes nothing. A program's
-- keys are apart from those of the person whose token it uses.
CREATE TABLE idempotency_key (
    user_id    uuid        NOT NULL,
    token_id   uuid        NOT NULL, -- zeros for a person
    mutation   text        NOT NULL,
    key        text        NOT NULL,
    input_hash bytea       NOT NULL, -- SHA-256: the same key with another input is a mistake
    result     jsonb,                -- ids of what the first use made; null until its transaction is about to end
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (user_id, token_id, mutation, key),
    CONSTRAINT idempotency_key_key_check CHECK (char_length(key) BETWEEN 1 AND 100),
    CONSTRAINT idempotency_key_input_hash_check CHECK (octet_length(input_hash) = 32)
);
CREATE INDEX idempotency_key_created_idx ON idempotency_key (created_at);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_key_of_user ON idempotency_key
    USING (user_id = (SELECT NULLIF(current_setting('flowviz.user', true), '')::uuid));

-- Keys are forgotten after a day, whoever's they are: the function runs as the owner, who is held to the policies too and needs
-- one of its own.
CREATE POLICY idempotency_key_of_owner ON idempotency_key TO CURRENT_USER USING (true);
CREATE FUNCTION forget_idempotency_keys(before timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH gone AS (DELETE FROM public.idempotency_key k WHERE k.created_at < $1 RETURNING 1)
    SELECT count(*) FROM gone
$$;

GRANT SELECT, INSERT ON event TO flowviz_app;
GRANT SELECT, INSERT, UPDATE ON idempotency_key TO flowviz_app;

-- +goose Down
DROP FUNCTION forget_idempotency_keys;
DROP TABLE idempotency_key, event;
