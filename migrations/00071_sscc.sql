-- +goose Up
-- The last SSCC that was numbered with a GS1 company prefix. Several sites may share the company's prefix, and no two pallets a number: so
-- it belongs to no site. Its row is locked until the transaction ends, so that numbers have neither a gap nor a twin. The number is
-- that of internal/gs1: the extension digit is its first.
CREATE TABLE sscc_counter (
    company_prefix text   NOT NULL,
    last           bigint NOT NULL,
    CONSTRAINT sscc_counter_pkey PRIMARY KEY (company_prefix),
    CONSTRAINT sscc_counter_prefix_check CHECK (company_prefix ~ '^[0-9]{4,12}$'),
    CONSTRAINT sscc_counter_last_check CHECK (last > 0)
);
GRANT SELECT, INSERT, UPDATE ON sscc_counter TO flowviz_app;

-- Where SSCCs go on that were given before, or by what loads a history: of "00/" + extension + prefix + serial + check digit all but
-- the prefix and the last digit is the number.
-- +goose StatementBegin
CREATE FUNCTION count_ssccs() RETURNS void LANGUAGE sql AS $$
    INSERT INTO sscc_counter (company_prefix, last)
    SELECT s.company_prefix, max((substr(l.gs1_key, 4, 1) || substr(l.gs1_key, 5 + length(s.company_prefix), 16 - length(s.company_prefix)))::bigint) AS last
    FROM site s JOIN lot l ON l.site_id = s.id AND l.gs1_key ~ ('^00/[0-9]' || s.company_prefix || '[0-9]+$')
    GROUP BY s.company_prefix
    HAVING max((substr(l.gs1_key, 4, 1) || substr(l.gs1_key, 5 + length(s.company_prefix), 16 - length(s.company_prefix)))::bigint) > 0
    ON CONFLICT (company_prefix) DO UPDATE SET last = greatest(sscc_counter.last, excluded.last)
$$;
-- +goose StatementEnd

-- Row level security holds a table's owner too: where this isn't a superuser's work, it needs the sites in sight.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
SELECT count_ssccs();

-- +goose Down
DROP FUNCTION count_ssccs;
DROP TABLE sscc_counter;
