-- +goose Up
-- How a site's log goes on from its last hash: each event's is made of the one before it and of its own content. A window over it chains
-- 2,000 events in time proportional to their number; a recursive query that took the nth content out of an array looked through n each time.
CREATE FUNCTION audit_link(hash bytea, first bytea, content bytea) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(coalesce(hash, first) || content);
CREATE AGGREGATE audit_chain (first bytea, content bytea) (SFUNC = audit_link, STYPE = bytea);

-- Events take their site from its head, which has a foreign key. Their own was asked four times for each lot that is registered.
ALTER TABLE audit_event DROP CONSTRAINT audit_event_site_fkey;
ALTER TABLE event DROP CONSTRAINT event_site_fkey;

-- +goose Down
ALTER TABLE event ADD CONSTRAINT event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id);
ALTER TABLE audit_event ADD CONSTRAINT audit_event_site_fkey FOREIGN KEY (site_id) REFERENCES site (id);
DROP AGGREGATE audit_chain (bytea, bytea);
DROP FUNCTION audit_link;
