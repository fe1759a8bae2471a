-- +goose Up
-- Who registers, decides and acknowledges. "user" is a reserved word of SQL.
CREATE TABLE app_user (
    id        uuid NOT NULL,
    email     text NOT NULL,
    full_name text NOT NULL,
    CONSTRAINT app_user_pkey PRIMARY KEY (id),
    CONSTRAINT app_user_email_key UNIQUE (email)
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

-- +goose Down
DROP TABLE membership;
DROP TYPE role;
DROP TABLE app_user;
