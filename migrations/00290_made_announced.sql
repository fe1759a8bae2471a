-- +goose Up
-- What a run announced is on its line when it is made, not when the run enters the phase. So those who watch the line ask when the system learnt
-- that it was made: by the first recording, for a correction makes nothing. One that nobody has made has the time of its announcement.
CREATE FUNCTION made_at(l lot) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(t.recorded_at), $1.registered_at)
    FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    WHERE o.lot_id = $1.id AND o.site_id = $1.site_id
$$;

-- Lots with when they came to their run's line, as far as the system knows.
CREATE VIEW line_lot WITH (security_invoker = true) AS
    SELECT l.id, l.site_id, (CASE WHEN l.source = 'AUTO' THEN made_at(l) ELSE l.registered_at END)::timestamptz AS at FROM lot l;
GRANT SELECT ON line_lot TO flowviz_app;

-- A run announces a lot or two in each phase, among the thousands that people and devices register.
CREATE INDEX lot_auto_idx ON lot (run_id) WHERE source = 'AUTO';

-- +goose Down
DROP INDEX lot_auto_idx;
DROP VIEW line_lot;
DROP FUNCTION made_at;
