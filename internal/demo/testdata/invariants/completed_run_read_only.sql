-- DOMAIN 2: a completed run is read-only. Nothing of it was registered, transformed or decided after it ended; what was recorded wrongly
-- is still corrected (3.9).
SELECT r.code, v.what, v.at
FROM run r
JOIN (
    SELECT run_id, site_id, 'lot' AS what, registered_at AS at FROM lot
    UNION ALL SELECT run_id, site_id, 'transformation', recorded_at FROM transformation t WHERE NOT EXISTS (SELECT FROM transformation o WHERE o.replaced_by_id = t.id)
    UNION ALL SELECT run_id, site_id, 'decision', decided_at FROM qc_decision
) v ON v.run_id = r.id AND v.site_id = r.site_id
WHERE r.status IN ('COMPLETED', 'ARCHIVED') AND v.at > r.ended_at
-- Of the demo alone:
UNION ALL
SELECT r.code, v.what, v.at FROM run r
JOIN (
    SELECT run_id, site_id, 'correction' AS what, voided_at AS at FROM transformation UNION ALL SELECT run_id, site_id, 'alert', raised_at FROM alert
) v ON v.run_id = r.id AND v.site_id = r.site_id
WHERE r.status IN ('COMPLETED', 'ARCHIVED') AND v.at > r.ended_at
