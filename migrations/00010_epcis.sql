-- +goose Up
-- An event of another party as it was imported, verbatim. Its identity makes a second import of it change nothing: the
-- document's eventID, or the digest of its content where it has none.
CREATE TABLE epcis_event (
    identity          text        NOT NULL,
    site_id           integer     NOT NULL,
    -- The digest of its content: the same identity with other content is reported, not silently dropped.
    digest            text        NOT NULL,
    transformation_id uuid,
    file              text        NOT NULL,
    occurred_at       timestamptz NOT NULL,
    imported_at       timestamptz NOT NULL,
    content           text        NOT NULL,
    CONSTRAINT epcis_event_pkey PRIMARY KEY (identity, site_id),
    CONSTRAINT epcis_event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    CONSTRAINT epcis_event_transformation_fkey FOREIGN KEY (transformation_id, site_id) REFERENCES transformation (id, site_id)
);

-- +goose Down
DROP TABLE epcis_event;
