-- +goose Up
-- That a person signed is only added: nobody makes it another's signature, or one of something else.
REVOKE UPDATE ON signature FROM flowviz_app;

-- +goose Down
GRANT UPDATE ON signature TO flowviz_app;
