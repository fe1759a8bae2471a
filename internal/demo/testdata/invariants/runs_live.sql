-- DOMAIN 2: one run a scenario, site and production day. It goes on without an end and ends with one, at a phase of its own
-- scenario; those of the last day go on, somewhere in the middle. The demo has each way that a run can go.
SELECT r.code, 'end' AS fault FROM run r WHERE (r.status IN ('COMPLETED', 'ABORTED', 'ARCHIVED')) <> (r.ended_at IS NOT NULL) OR r.started_at IS NULL
UNION ALL
SELECT r.code, 'phase' FROM run r JOIN phase p ON p.id = r.phase_id
WHERE p.scenario_id <> r.scenario_id OR p.number < (SELECT max(q.number) FROM lot l JOIN phase q ON q.id = l.phase_id WHERE l.run_id = r.id)
-- Of the demo alone:
UNION ALL
SELECT string_agg(r.code, ' '), 'several a day' FROM run r JOIN site s ON s.id = r.site_id
GROUP BY r.site_id, r.scenario_id, ((r.started_at AT TIME ZONE s.time_zone) - s.production_day_start::interval)::date HAVING count(*) > 1
UNION ALL
SELECT r.code, 'the last day' FROM run r JOIN phase p ON p.id = r.phase_id
WHERE r.code LIKE 'RUN-20261030-%' AND (r.status <> 'RUNNING' OR p.number = 0 OR p.number >= (SELECT max(number) FROM phase WHERE scenario_id = r.scenario_id))
UNION ALL
SELECT 'no run', s FROM unnest(ARRAY['RUNNING', 'COMPLETED', 'ARCHIVED', 'ABORTED']) s WHERE NOT EXISTS (SELECT FROM run WHERE status::text = s)
UNION ALL
SELECT 'no run', 'resumed' WHERE NOT EXISTS (SELECT FROM run WHERE status IN ('COMPLETED', 'ARCHIVED') AND status_reason LIKE 'Resumed%')
