-- +goose Up
-- A person or a site is never deleted (nobody may), and the two come from the session that writes: looking them up again for each row took 14 of the
-- 120 µs of PostgreSQL's processor that a lot of a batch costs, and 10 % of the lots in a second. A transformation's site is that of its inputs and
-- outputs, whose keys hold it; a lot's own site stays looked up.
ALTER TABLE transformation
    DROP CONSTRAINT transformation_site_fkey,
    DROP CONSTRAINT transformation_recorded_by_fkey;
ALTER TABLE lot DROP CONSTRAINT lot_registered_by_fkey;

-- +goose Down
ALTER TABLE transformation
    ADD CONSTRAINT transformation_site_fkey FOREIGN KEY (site_id) REFERENCES site (id),
    ADD CONSTRAINT transformation_recorded_by_fkey FOREIGN KEY (recorded_by) REFERENCES app_user (id);
ALTER TABLE lot ADD CONSTRAINT lot_registered_by_fkey FOREIGN KEY (registered_by) REFERENCES app_user (id);
