-- +goose Up
-- Which phase a run entered when, and who took it there: NULL for a program, and where nobody noted it. It leaves a phase when it enters the next,
-- or ends.
CREATE TABLE run_phase (
    run_id     uuid        NOT NULL,
    phase_id   uuid        NOT NULL,
    site_id    integer     NOT NULL,
    entered_at timestamptz NOT NULL,
    entered_by uuid,
    CONSTRAINT run_phase_pkey PRIMARY KEY (run_id, phase_id, site_id), -- a run enters a phase once: one step at a time, never back
    CONSTRAINT run_phase_run_fkey FOREIGN KEY (run_id, site_id) REFERENCES run (id, site_id),
    CONSTRAINT run_phase_phase_fkey FOREIGN KEY (phase_id) REFERENCES phase (id),
    CONSTRAINT run_phase_entered_by_fkey FOREIGN KEY (entered_by) REFERENCES app_user (id)
);
ALTER TABLE run_phase ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY run_phase_of_site ON run_phase
    USING (site_id IN (SELECT unnest(NULLIF(current_setting('flowviz.sites', true), '')::integer[])));
GRANT SELECT, INSERT ON run_phase TO flowviz_app;

-- What is known of runs that began before: where they started, and since when they are where they are.
SELECT set_config('flowviz.sites', (SELECT coalesce(array_agg(id), '{}')::text FROM all_site_ids() AS s(id)), true);
INSERT INTO run_phase (run_id, phase_id, site_id, entered_at, entered_by)
SELECT r.id, p.id, r.site_id, r.started_at, r.operator_id FROM run r JOIN phase p ON p.scenario_id = r.scenario_id AND p.number = 0
WHERE r.started_at IS NOT NULL
UNION ALL
SELECT r.id, r.phase_id, r.site_id, r.phase_since, NULL FROM run r JOIN phase p ON p.id = r.phase_id
WHERE r.phase_since IS NOT NULL AND p.number > 0;

-- +goose Down
DROP TABLE run_phase;
