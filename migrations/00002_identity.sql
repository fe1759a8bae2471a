-- +goose Up
-- Who registers, decides and acknowledges. "user" is a reserved word of SQL. Nobody is deleted: what they did names them.
CREATE TABLE app_user (
    id         uuid        NOT NULL,
    email      text        NOT NULL,
    full_name  text        NOT NULL,
    active     boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid, -- null: from the command line
    CONSTRAINT app_user_pkey PRIMARY KEY (id),
    CONSTRAINT app_user_email_key UNIQUE (email),
    CONSTRAINT app_user_email_check CHECK (email = lower(email)), -- one spelling of an address, or two people have it
    CONSTRAINT app_user_created_by_fkey FOREIGN KEY (created_by) REFERENCES app_user (id)
);

-- What users are at their sites.
CREATE TYPE role AS ENUM ('VIEWER', 'OPERATOR', 'MANAGER', 'AUDITOR', 'ADMIN');

CREATE TABLE membership (
    user_id uuid    NOT NULL,
    site_id integer NOT NULL,
    role    role    NOT NULL,
    CONSTRAINT membership_pkey PRIMARY KEY (user_id, site_id),
    CONSTRAINT membership_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT membership_site_fkey FOREIGN KEY (site_id) REFERENCES site (id)
);
CREATE INDEX membership_site ON membership (site_id, user_id);

-- The tables below are read before anybody is known to ask: they belong to no site.

-- Passwords, apart from users: what lists people can't list hashes. Who signs in elsewhere has none.
CREATE TABLE password_credential (
    user_id    uuid        NOT NULL,
    hash       text        NOT NULL, -- bcrypt, with its cost
    changed_at timestamptz NOT NULL,
    CONSTRAINT password_credential_pkey PRIMARY KEY (user_id),
    CONSTRAINT password_credential_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT password_credential_hash_check CHECK (hash LIKE '$2_$%')
);

-- Who people are at an identity provider outside: they sign in there, and have no password here. Never changes: whom a
-- subject stands for is who may sign in as them.
CREATE TABLE external_identity (
    issuer     text        NOT NULL, -- the provider
    subject    text        NOT NULL, -- the provider's name for the person, which it never gives to another
    user_id    uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT external_identity_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT external_identity_user_key UNIQUE (user_id),
    CONSTRAINT external_identity_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT external_identity_subject_check CHECK (octet_length(subject) BETWEEN 1 AND 255) -- OpenID Connect Core, section 2
);

-- From a sign-in until it ends. Its id is the `sid` of access tokens, and it is the family of its refresh tokens: when one
-- of them is used twice, the session ends.
CREATE TABLE session (
    id               uuid        NOT NULL,
    user_id          uuid        NOT NULL,
    created_at       timestamptz NOT NULL,
    authenticated_at timestamptz, -- when the person last showed who they are; null: the identity provider didn't say
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT session_expires_check CHECK (expires_at > created_at)
);
CREATE INDEX session_user_idx ON session (user_id, expires_at);

-- Refresh tokens by the SHA-256 of what the client holds. Rotated ones stay as long as the session: that is how a stolen one
-- is noticed.
CREATE TABLE refresh_token (
    hash       bytea       NOT NULL,
    session_id uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz, -- when it was exchanged for the next one
    CONSTRAINT refresh_token_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_token_session_fkey FOREIGN KEY (session_id) REFERENCES session (id) ON DELETE CASCADE,
    CONSTRAINT refresh_token_hash_check CHECK (octet_length(hash) = 32)
);
CREATE INDEX refresh_token_session_idx ON refresh_token (session_id);

-- How programs sign in. The token's role and sites are bounds: what it may do is never more than its maker may do now.
CREATE TABLE api_token (
    id         uuid        NOT NULL,
    hash       bytea       NOT NULL,
    name       text        NOT NULL,
    role       role        NOT NULL,
    sites      integer[]   NOT NULL,
    read_only  boolean     NOT NULL,
    created_by uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT api_token_pkey PRIMARY KEY (id),
    CONSTRAINT api_token_hash_key UNIQUE (hash),
    CONSTRAINT api_token_created_by_fkey FOREIGN KEY (created_by) REFERENCES app_user (id),
    CONSTRAINT api_token_hash_check CHECK (octet_length(hash) = 32),
    CONSTRAINT api_token_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    CONSTRAINT api_token_sites_check CHECK (cardinality(sites) > 0),
    CONSTRAINT api_token_expires_check CHECK (expires_at > created_at)
);

-- When passwords were guessed lately: one row an account and one an address, shared by all replicas. An account is named by
-- a hash, whether it exists or not.
CREATE TABLE password_guess (
    subject    bytea         NOT NULL,
    guessed_at timestamptz[] NOT NULL, -- of the last 15 minutes, oldest first
    latest_at  timestamptz   NOT NULL,
    CONSTRAINT password_guess_pkey PRIMARY KEY (subject)
);
CREATE INDEX password_guess_latest_idx ON password_guess (latest_at);

-- That a person gave their password for one thing: what it means, and the SHA-256 of what was signed.
CREATE TABLE signature (
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    meaning      text        NOT NULL,
    content_hash bytea       NOT NULL,
    signed_at    timestamptz NOT NULL,
    CONSTRAINT signature_pkey PRIMARY KEY (id),
    CONSTRAINT signature_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT signature_meaning_check CHECK (char_length(meaning) BETWEEN 1 AND 200),
    CONSTRAINT signature_content_hash_check CHECK (octet_length(content_hash) = 32)
);
CREATE INDEX signature_user_idx ON signature (user_id);

-- +goose Down
DROP TABLE signature;
DROP TABLE password_guess;
DROP TABLE api_token;
DROP TABLE refresh_token;
DROP TABLE session;
DROP TABLE external_identity;
DROP TABLE password_credential;
DROP TABLE membership;
DROP TYPE role;
DROP TABLE app_user;
