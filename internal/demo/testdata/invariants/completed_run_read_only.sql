-- DOMAIN 2: a completed run is read-only. Nothing of it was registered, transformed or decided after it ended.
SELECT r.code, v.what, v.at
FROM run r
JOIN (
    SELECT run_id, site_id, 'lot' AS what, registered_at AS at FROM lot
    UNION ALL SELECT run_id, site_id, 'transformation', greatest(recorded_at, voided_at) FROM transformation
    UNION ALL SELECT run_id, site_id, 'decision', decided_at FROM qc_decision
    UNION ALL SELECT run_id, site_id, 'alert', raised_at FROM alert
) v ON v.run_id = r.id AND v.site_id = r.site_id
WHERE r.status IN ('COMPLETED', 'ARCHIVED') AND v.at > r.ended_at
