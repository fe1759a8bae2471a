-- +goose Up
-- Who did what to which thing, when, from where, before and after. Rows are only ever added (the application's role may INSERT
-- and SELECT, no more), numbered in each site without a gap, and chained: each one's hash covers its content and the hash
-- before it.
--
-- No foreign keys but the site's: the log says what was, whatever became of user and subject.
CREATE TABLE audit_event (
    id            uuid        NOT NULL,
    site_id       integer     NOT NULL,
    sequence      bigint      NOT NULL,
    occurred_at   timestamptz NOT NULL,
    -- Who: a person, a program's API token (and the person whose it is), or a program of this system such as an import.
    user_id       uuid,
    token_id      uuid,
    program       text,
    -- From where, as far as it is known.
    address       text,
    request_id    text,
    action        text        NOT NULL,
    -- To what: the API's type, the key (of a site, which has none: zeros), and what people called it then.
    subject_kind  text        NOT NULL,
    subject_id    uuid        NOT NULL,
    subject_label text        NOT NULL,
    -- json keeps each byte as it was hashed; jsonb would order keys and spell numbers its own way.
    before        json,
    after         json,
    reason        text,
    signature_id  uuid,
    prev_hash     bytea       NOT NULL,
    hash          bytea       NOT NULL,
    CONSTRAINT audit_event_pkey PRIMARY KEY (id, site_id),
    -- The chain's order: a site's log is read along this key from end to end.
    CONSTRAINT audit_event_sequence_key UNIQUE (site_id, sequence),
    CONSTRAINT audit_event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT audit_event_sequence_check CHECK (sequence > 0),
    CONSTRAINT audit_event_actor_check CHECK (num_nonnulls(user_id, token_id, program) > 0),
    CONSTRAINT audit_event_hash_check CHECK (octet_length(hash) = 32 AND octet_length(prev_hash) = 32)
);
-- Lists are filtered by one of these, and paged by id.
CREATE INDEX audit_event_subject_idx ON audit_event (subject_id, id);
CREATE INDEX audit_event_user_idx ON audit_event (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_event_action_idx ON audit_event (action, id);
CREATE INDEX audit_event_occurred_idx ON audit_event (occurred_at, id);

-- +goose Down
DROP TABLE audit_event;
