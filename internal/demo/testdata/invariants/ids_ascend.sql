-- Of the demo alone:
-- DESIGN 2: ids are UUIDs of version 7 of the time when the row became known, and ascend with it.
WITH rows AS (
    SELECT 'lot' AS of, id, registered_at AS at FROM lot UNION ALL SELECT 'transformation', id, recorded_at FROM transformation
    UNION ALL SELECT 'decision', id, decided_at FROM qc_decision UNION ALL SELECT 'hold', id, held_at FROM hold
    UNION ALL SELECT 'alert', id, raised_at FROM alert UNION ALL SELECT 'run', id, started_at FROM run
    UNION ALL SELECT 'deviation', id, opened_at FROM deviation
    UNION ALL SELECT 'audit event', id, occurred_at FROM audit_event
), ordered AS (SELECT rows.*, lag(at) OVER (PARTITION BY of ORDER BY id) AS before FROM rows)
SELECT of, id FROM ordered
WHERE uuid_extract_version(id) IS DISTINCT FROM 7 OR uuid_extract_timestamp(id) <> date_trunc('milliseconds', at) OR before > at
