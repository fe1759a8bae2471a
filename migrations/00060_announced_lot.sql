-- +goose Up
-- What a run's phase will make, registered when the run enters it: true until a transformation makes the lot. It can't be used
-- before. One that nobody makes is dropped: CONSUMED, and still announced.
ALTER TABLE lot ADD COLUMN announced boolean NOT NULL DEFAULT false;
-- Row level security holds a table's owner too: where this isn't a superuser's work, it needs the sites in sight.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
UPDATE lot l SET announced = true
WHERE l.source = 'AUTO' AND NOT EXISTS (SELECT FROM transformation_output o WHERE o.lot_id = l.id AND o.site_id = l.site_id);
ALTER TABLE lot ADD CONSTRAINT lot_announced_check CHECK (NOT announced OR source = 'AUTO' AND run_id IS NOT NULL);

-- +goose Down
ALTER TABLE lot DROP CONSTRAINT lot_announced_check, DROP COLUMN announced;
