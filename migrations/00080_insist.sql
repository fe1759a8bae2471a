-- +goose Up
-- Fails where something doesn't hold that a statement relies on: so it can be sent without waiting for how many rows it
-- changed.
-- +goose StatementBegin
CREATE FUNCTION insist(holds boolean, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION '%', what USING ERRCODE = 'assert_failure';
    END IF;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION insist;
