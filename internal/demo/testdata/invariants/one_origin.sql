-- Every lot comes from one transformation in force: a receipt or a making. Only what auto-registration announced and nobody
-- has made has none yet (DOMAIN 3.11), and what never was, as a correction says, weighs nothing.
SELECT l.code, count(t.id) AS origins
FROM lot l
LEFT JOIN transformation_output o ON o.lot_id = l.id AND o.site_id = l.site_id
LEFT JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id AND t.voided_at IS NULL
GROUP BY l.id, l.site_id
HAVING count(t.id) <> CASE WHEN l.announced OR l.status = 'CONSUMED' AND l.weight_kg = 0 THEN 0 ELSE 1 END
