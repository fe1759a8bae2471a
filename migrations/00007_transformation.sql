-- +goose Up
CREATE TYPE transformation_kind AS ENUM ('RECEIVE', 'PROCESS', 'SPLIT', 'MERGE', 'REWORK', 'PACK', 'SHIP', 'SAMPLE', 'WASTE');

-- One event in which input lots became output lots. occurred_at is when it happened, recorded_at when the system learnt
-- of it. It is never deleted: a correction voids it and may name what replaces it.
CREATE TABLE transformation (
    id             uuid                NOT NULL,
    site_id        integer             NOT NULL,
    kind           transformation_kind NOT NULL,
    occurred_at    timestamptz         NOT NULL,
    recorded_at    timestamptz         NOT NULL,
    run_id         uuid,
    phase_id       uuid,
    partner_id     uuid,
    voided_at      timestamptz,
    void_reason    text,
    replaced_by_id uuid,
    CONSTRAINT transformation_pkey PRIMARY KEY (id, site_id),
    CONSTRAINT transformation_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT transformation_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT transformation_phase_fkey FOREIGN KEY (phase_id) REFERENCES phase (id),
    CONSTRAINT transformation_partner_fkey FOREIGN KEY (partner_id, site_id) REFERENCES partner (id, site_id),
    CONSTRAINT transformation_replaced_by_fkey FOREIGN KEY (replaced_by_id, site_id) REFERENCES transformation (id, site_id),
    CONSTRAINT transformation_void_check CHECK ((voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX transformation_run_idx ON transformation (run_id, id) WHERE run_id IS NOT NULL;

-- Quantities stand on inputs and outputs, never on their pairs, or six inputs and two outputs would count the mass six times.
CREATE TABLE transformation_input (
    transformation_id uuid    NOT NULL,
    lot_id            uuid    NOT NULL,
    site_id           integer NOT NULL,
    quantity_kg       numeric(12, 3),
    quantity          numeric(12, 3),
    unit              text,
    CONSTRAINT transformation_input_pkey PRIMARY KEY (transformation_id, lot_id, site_id),
    CONSTRAINT transformation_input_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id),
    CONSTRAINT transformation_input_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT transformation_input_quantity_check CHECK (quantity_kg >= 0 AND quantity >= 0)
);
CREATE INDEX transformation_input_lot_idx ON transformation_input (lot_id, transformation_id, site_id);

CREATE TABLE transformation_output (
    transformation_id uuid    NOT NULL,
    lot_id            uuid    NOT NULL,
    site_id           integer NOT NULL,
    quantity_kg       numeric(12, 3),
    quantity          numeric(12, 3),
    unit              text,
    CONSTRAINT transformation_output_pkey PRIMARY KEY (transformation_id, lot_id, site_id),
    CONSTRAINT transformation_output_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id),
    CONSTRAINT transformation_output_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT transformation_output_quantity_check CHECK (quantity_kg >= 0 AND quantity >= 0)
);
CREATE INDEX transformation_output_lot_idx ON transformation_output (lot_id, transformation_id, site_id);

-- The parent → child pairs that the transformations in force imply: derived, so that a trace reads one narrow index and
-- nothing else. site_id is the child's, parent_site_id the parent's: the same as yet, since an input lies at the site of
-- its transformation; a receipt that names the lot it came from will lead to another.
CREATE TABLE lot_genealogy (
    child_id          uuid    NOT NULL,
    parent_id         uuid    NOT NULL,
    transformation_id uuid    NOT NULL,
    site_id           integer NOT NULL,
    parent_site_id    integer NOT NULL,
    CONSTRAINT lot_genealogy_pkey PRIMARY KEY (child_id, parent_id, transformation_id, site_id),
    CONSTRAINT lot_genealogy_child_fkey FOREIGN KEY (child_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT lot_genealogy_parent_fkey FOREIGN KEY (parent_id, parent_site_id) REFERENCES lot (id, site_id),
    CONSTRAINT lot_genealogy_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id),
    CONSTRAINT lot_genealogy_self_check CHECK (child_id <> parent_id)
);
CREATE INDEX lot_genealogy_parent_idx ON lot_genealogy (parent_id, child_id, transformation_id, parent_site_id);

-- What a pallet or container holds, for a time: containment, no genealogy.
CREATE TABLE lot_containment (
    container_id uuid        NOT NULL,
    lot_id       uuid        NOT NULL,
    site_id      integer     NOT NULL,
    added_at     timestamptz NOT NULL,
    removed_at   timestamptz,
    quantity_kg  numeric(12, 3),
    quantity     numeric(12, 3),
    unit         text,
    CONSTRAINT lot_containment_pkey PRIMARY KEY (container_id, lot_id, added_at, site_id),
    CONSTRAINT lot_containment_container_fkey FOREIGN KEY (container_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT lot_containment_lot_fkey FOREIGN KEY (lot_id, site_id) REFERENCES lot (id, site_id),
    CONSTRAINT lot_containment_removed_check CHECK (removed_at >= added_at)
);
CREATE INDEX lot_containment_lot_idx ON lot_containment (lot_id, added_at);

-- How much of a lot is outside after shipments (above zero) and receipts (below) in the order of time. What is shipped
-- from elsewhere again is the same goods, not more; and a receipt brings back no more than is outside. Documents of
-- others tell every leg of a journey, or some of them.
-- +goose StatementBegin
CREATE FUNCTION outside(moves numeric[], most numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kg  numeric;
    out numeric := 0;
BEGIN
    FOREACH kg IN ARRAY coalesce(moves, '{}') LOOP
        out := least(greatest(out + kg, 0), most);
    END LOOP;
    RETURN out;
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION outside;
DROP TABLE lot_containment, lot_genealogy, transformation_output, transformation_input, transformation;
DROP TYPE transformation_kind;
