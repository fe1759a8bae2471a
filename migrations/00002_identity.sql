-- +goose Up
-- Who registers, decides and acknowledges. "user" is a reserved word of SQL.
CREATE TABLE app_user (
    id        uuid NOT NULL,
    email     text NOT NULL,
    full_name text NOT NULL,
    CONSTRAINT app_user_pkey PRIMARY KEY (id),
    CONSTRAINT app_user_email_key UNIQUE (email)
);

-- +goose Down
DROP TABLE app_user;
