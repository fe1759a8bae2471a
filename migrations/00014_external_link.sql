-- +goose Up
-- Who is to sign in as a user from now on instead of with a password: decided by who runs this system, and true once that person
-- has signed in at the provider. Until then the password stays, so that a mistake locks nobody out, and it can be taken back.
CREATE TABLE external_link (
    user_id    uuid        NOT NULL,
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT external_link_pkey PRIMARY KEY (user_id),
    CONSTRAINT external_link_subject_key UNIQUE (issuer, subject),
    CONSTRAINT external_link_user_fkey FOREIGN KEY (user_id) REFERENCES app_user (id),
    CONSTRAINT external_link_subject_check CHECK (octet_length(subject) BETWEEN 1 AND 255) -- as in external_identity
);
GRANT SELECT, INSERT, UPDATE, DELETE ON external_link TO flowviz_app;
-- The password ends where the link becomes true.
GRANT DELETE ON password_credential TO flowviz_app;

-- +goose Down
REVOKE DELETE ON password_credential FROM flowviz_app;
DROP TABLE external_link;
