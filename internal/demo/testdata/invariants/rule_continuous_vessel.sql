-- Of the demo alone:
-- DOMAIN 3.8, CONTINUOUS_VESSEL: what is left in a silo is part of its next filling. When a new lot is pooled, nothing of the
-- one before stays behind; in the demo it is empty on Mondays only.
WITH vessel AS (
    SELECT l.id, l.site_id, l.code, l.occurred_at, l.remaining_kg, lag(l.id) OVER w AS before_id
    FROM lot l JOIN lot_type t ON t.id = l.lot_type_id JOIN scenario s ON s.id = t.scenario_id
    WHERE EXISTS (SELECT FROM jsonb_array_elements(s.definition -> 'rules') r
                  WHERE r ->> 'type' = 'CONTINUOUS_VESSEL' AND r ->> 'lotType' = t.code AND (r ->> 'heelCarryOver')::boolean)
    WINDOW w AS (PARTITION BY l.site_id, l.lot_type_id ORDER BY l.occurred_at)
)
SELECT v.code, 'something stays behind' AS fault
FROM vessel v JOIN vessel next ON next.before_id = v.id
WHERE v.remaining_kg > 0
UNION ALL
SELECT v.code, 'drawn from after the next filling'
FROM vessel v JOIN vessel next ON next.before_id = v.id
JOIN transformation_input i ON i.lot_id = v.id JOIN transformation t ON t.id = i.transformation_id
WHERE t.occurred_at > next.occurred_at
UNION ALL
SELECT v.code, 'without the heel of the day before'
FROM vessel v
WHERE v.before_id IS NOT NULL AND extract(isodow FROM v.occurred_at) <> 1
  AND NOT EXISTS (SELECT FROM lot_genealogy g WHERE g.child_id = v.id AND g.parent_id = v.before_id)
UNION ALL
SELECT 'no vessel', NULL WHERE NOT EXISTS (SELECT FROM vessel)
