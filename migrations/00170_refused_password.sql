-- +goose Up
-- Wrong passwords, until the logs of their user's sites have them. Told in the request itself, they would take longer for who exists than
-- for who doesn't. No foreign key either: to be checked takes time.
CREATE TABLE refused_password (
    id         uuid        NOT NULL,
    user_id    uuid,                 -- whose it isn't; null where nobody has the account
    tried_at   timestamptz NOT NULL,
    address    text        NOT NULL, -- from where; '' where that isn't known
    request_id text        NOT NULL, -- '' where there is none
    CONSTRAINT refused_password_pkey PRIMARY KEY (id)
);
GRANT SELECT, INSERT, DELETE ON refused_password TO flowviz_app;

-- +goose Down
DROP TABLE refused_password;
