-- +goose Up
CREATE TYPE location_kind AS ENUM ('BUFFER', 'DOCK', 'AREA');

-- Where at a site a thing is or happens. A buffer takes lots of some types, so many kilograms of them, in a band of
-- temperatures; what isn't a buffer takes anything. Ended ones stay, and their codes with them.
CREATE TABLE location (
    id                uuid          NOT NULL,
    site_id           integer       NOT NULL,
    code              text          NOT NULL,
    name              text          NOT NULL,
    kind              location_kind NOT NULL,
    -- Codes: a type is the same in all versions of a scenario.
    lot_types         text[],
    capacity_kg       numeric(12, 3),
    temperature_min_c numeric(5, 2),
    temperature_max_c numeric(5, 2),
    ended_at          timestamptz,
    CONSTRAINT location_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT location_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT location_code_key UNIQUE (code, site_id),
    CONSTRAINT location_code_check CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT location_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT location_capacity_check CHECK (capacity_kg > 0),
    CONSTRAINT location_temperature_check CHECK (temperature_min_c <= temperature_max_c AND temperature_min_c >= -50 AND temperature_max_c <= 100),
    CONSTRAINT location_buffer_check CHECK (
        CASE WHEN kind = 'BUFFER' THEN cardinality(lot_types) > 0 AND num_nulls(lot_types, capacity_kg, temperature_min_c, temperature_max_c) = 0
        ELSE num_nonnulls(lot_types, capacity_kg, temperature_min_c, temperature_max_c) = 0 END)
);
ALTER TABLE location ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY location_of_site ON location
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT, UPDATE ON location TO flowviz_app;

CREATE TYPE equipment_kind AS ENUM ('FREEZER', 'CHILLER', 'KETTLE', 'TANK', 'TUMBLER', 'PASTEURIZER', 'FILLER', 'SEALER', 'METAL_DETECTOR', 'SCALE', 'PROBE', 'OTHER');

-- A machine or an instrument of a site.
CREATE TABLE equipment (
    id          uuid           NOT NULL,
    site_id     integer        NOT NULL,
    code        text           NOT NULL,
    name        text           NOT NULL,
    kind        equipment_kind NOT NULL,
    location_id uuid,
    -- Numbers of the phases in which it works, of whichever scenario.
    phases      integer[]      NOT NULL DEFAULT '{}',
    ended_at    timestamptz,
    CONSTRAINT equipment_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT equipment_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT equipment_location_fkey FOREIGN KEY (location_id, site_id) REFERENCES location (id, site_id),
    CONSTRAINT equipment_code_key UNIQUE (code, site_id),
    CONSTRAINT equipment_code_check CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT equipment_name_check CHECK (char_length(name) BETWEEN 1 AND 200)
);
CREATE INDEX equipment_location_idx ON equipment (location_id) WHERE location_id IS NOT NULL;
ALTER TABLE equipment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY equipment_of_site ON equipment
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT, UPDATE ON equipment TO flowviz_app;

-- Where a lot lies; null where nobody said, and once nothing of it is there.
ALTER TABLE lot
    ADD COLUMN location_id uuid,
    ADD CONSTRAINT lot_location_fkey FOREIGN KEY (location_id, site_id) REFERENCES location (id, site_id),
    ADD CONSTRAINT lot_location_check CHECK (location_id IS NULL OR status NOT IN ('CONSUMED', 'SHIPPED'));
-- What lies in a buffer is counted for each lot that comes. The index holds what is there and not what ever was, and doesn't
-- name what remains of a lot: each kilogram drawn would write it anew.
CREATE INDEX lot_location_idx ON lot (location_id, id) WHERE location_id IS NOT NULL;

-- Whatever ends a lot takes it from its place.
-- +goose StatementBegin
CREATE FUNCTION lot_leaves_location() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.location_id := NULL;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lot_leaves_location BEFORE UPDATE OF status ON lot FOR EACH ROW
    WHEN (NEW.status IN ('CONSUMED', 'SHIPPED') AND NEW.location_id IS NOT NULL) EXECUTE FUNCTION lot_leaves_location();

-- +goose Down
DROP TRIGGER lot_leaves_location ON lot;
DROP FUNCTION lot_leaves_location;
ALTER TABLE lot DROP CONSTRAINT lot_location_check, DROP CONSTRAINT lot_location_fkey, DROP COLUMN location_id;
DROP TABLE equipment, location;
DROP TYPE equipment_kind, location_kind;
