-- +goose Up
-- One step back, one step forward (Regulation (EC) 178/2002, Article 18): a supplier or customer of a site.
CREATE TABLE partner (
    id         uuid    NOT NULL,
    site_id    integer NOT NULL,
    name       text    NOT NULL,
    gln        text,
    -- How documents of others name it where it has no GLN, such as a party URN.
    identifier text,
    address    text,
    CONSTRAINT partner_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT partner_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT partner_gln_key UNIQUE (gln, site_id),
    CONSTRAINT partner_identifier_key UNIQUE (identifier, site_id),
    CONSTRAINT partner_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT partner_gln_check CHECK (gln ~ '^[0-9]{13}$')
);

-- +goose Down
DROP TABLE partner;
