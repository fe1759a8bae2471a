-- +goose Up
-- An event of another party as it was imported, verbatim. Its identity makes a second import of it change nothing: the
-- document's eventID, or the digest of its content where it has none, and where its document gives the eventID to
-- several events.
CREATE TABLE epcis_event (
    identity           text        NOT NULL,
    site_id            integer     NOT NULL,
    -- The digest of its content: the same identity with other content is reported, not silently dropped.
    digest             text        NOT NULL,
    -- Its transformationID: the events of one transformation that is told in several have it in common.
    transformation_key text,
    transformation_id  uuid,
    -- An error declaration takes it out of force, and may name the events that put it right, here or still to come.
    voided_at          timestamptz,
    corrective_ids     text[],
    file               text        NOT NULL,
    line               integer     NOT NULL,
    occurred_at        timestamptz NOT NULL,
    imported_at        timestamptz NOT NULL,
    content            text        NOT NULL,
    CONSTRAINT epcis_event_pkey PRIMARY KEY (identity, site_id),
    CONSTRAINT epcis_event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT epcis_event_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id)
);
CREATE INDEX epcis_event_transformation_idx ON epcis_event (transformation_id) WHERE transformation_id IS NOT NULL;
CREATE INDEX epcis_event_transformation_key_idx ON epcis_event (transformation_key, site_id) WHERE transformation_key IS NOT NULL;
CREATE INDEX epcis_event_corrective_idx ON epcis_event (site_id) WHERE corrective_ids IS NOT NULL;

-- What an event says about a lot. Documents come in any order and events are declared wrong later: what a lot weighed at
-- birth, and what a pallet held when, is worked out anew from all of these each time that one is added or voided.
--   BORN      it came to be, as so much        SEEN      it was there, as so much        USED      so much of it went into others
--   PACKED    it was put into a container      INSIDE    it was seen in one              UNPACKED  it was taken out
--   NAMED     nothing but its name
--   CONTAINER it is what these others were put into, seen in or taken out of               EMPTIED   of all that was in it
CREATE TABLE epcis_item (
    event_identity text    NOT NULL,
    lot_id         uuid    NOT NULL,
    role           text    NOT NULL,
    site_id        integer NOT NULL,
    -- One single thing: it is one, however often it is told.
    instance       boolean NOT NULL,
    quantity_kg    numeric(12, 3),
    quantity       numeric(12, 3),
    unit           text,
    CONSTRAINT epcis_item_pkey PRIMARY KEY (event_identity, lot_id, role, site_id),
    CONSTRAINT epcis_item_event_fkey FOREIGN KEY (event_identity, site_id) REFERENCES epcis_event (identity, site_id),
    CONSTRAINT epcis_item_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT epcis_item_role_check CHECK (role IN ('BORN', 'SEEN', 'USED', 'PACKED', 'INSIDE', 'UNPACKED', 'NAMED', 'CONTAINER', 'EMPTIED')),
    CONSTRAINT epcis_item_measure_check CHECK (quantity_kg IS NULL OR quantity IS NULL)
);
CREATE INDEX epcis_item_lot_idx ON epcis_item (lot_id, role);

-- +goose Down
DROP TABLE epcis_item, epcis_event;
