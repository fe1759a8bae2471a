-- +goose Up
-- Since when a run is in its phase, and since when it runs after a stop: from then on the checks of its line fall due. Null where it is still
-- as it was started.
ALTER TABLE run ADD COLUMN phase_since timestamptz, ADD COLUMN running_since timestamptz;
-- What ended lately, whose last checks may be missing.
CREATE INDEX run_ended_idx ON run (site_id, ended_at) WHERE ended_at IS NOT NULL;

-- A site's events are forgotten from the oldest on, so that what is kept has no gap: up to the first one that is younger, at most
-- 10,000 at once. The app deletes none but by this.
CREATE FUNCTION forget_events(site integer, before timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH gone AS (
        DELETE FROM public.event e WHERE e.site_id = $1 AND e.sequence IN (
            SELECT old.sequence FROM public.event old
            WHERE old.site_id = $1 AND old.sequence < coalesce(
                (SELECT kept.sequence FROM public.event kept WHERE kept.site_id = $1 AND kept.occurred_at >= $2 ORDER BY kept.sequence LIMIT 1),
                9223372036854775807)
            ORDER BY old.sequence LIMIT 10000
        )
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
REVOKE EXECUTE ON FUNCTION forget_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_events TO flowviz_app;

-- +goose Down
DROP FUNCTION forget_events;
DROP INDEX run_ended_idx;
ALTER TABLE run DROP COLUMN phase_since, DROP COLUMN running_since;
