-- DOMAIN 3.8, EXPIRY: such a lot expires at the earliest of its direct inputs' dates and of its production day plus its days;
-- without such a rule, a type with a shelf life begins its own; what is only split or merged keeps the earliest. A date is midnight, where
-- it begins; a correction leaves an earlier one. In the demo nothing is used after it.
WITH made AS (
    SELECT l.id, l.code, t.code AS type, l.attributes, t.shelf_life_days, s.definition,
           site.time_zone, ((l.occurred_at AT TIME ZONE site.time_zone) - site.production_day_start::interval)::date AS day,
           (SELECT min((p.attributes ->> 'bestBefore')::timestamptz) FROM lot_genealogy g JOIN lot p ON p.id = g.parent_id WHERE g.child_id = l.id) AS inputs,
           (SELECT bool_and(p.lot_type_id = l.lot_type_id) FROM lot_genealogy g JOIN lot p ON p.id = g.parent_id WHERE g.child_id = l.id) AS kept
    FROM lot l JOIN lot_type t ON t.id = l.lot_type_id JOIN scenario s ON s.id = t.scenario_id JOIN site ON site.id = l.site_id
    WHERE EXISTS (SELECT FROM lot_genealogy g WHERE g.child_id = l.id)
), expected AS (
    SELECT made.*, coalesce(
        (SELECT least(made.inputs, (made.day + (r ->> 'days')::int)::timestamp AT TIME ZONE made.time_zone)
         FROM jsonb_array_elements(made.definition -> 'rules') r WHERE r ->> 'type' = 'EXPIRY' AND r -> 'outputs' ? made.type),
        (made.day + made.shelf_life_days)::timestamp AT TIME ZONE made.time_zone,
        CASE WHEN made.kept THEN made.inputs END) AS best_before
    FROM made
)
SELECT code, 'expires too late' AS fault FROM expected WHERE best_before < coalesce((attributes ->> 'bestBefore')::timestamptz, 'infinity')
-- Of the demo alone:
UNION ALL
SELECT code, 'expires at another time' FROM expected WHERE best_before IS DISTINCT FROM (attributes ->> 'bestBefore')::timestamptz
UNION ALL
SELECT l.code, 'used after it had expired'
FROM transformation t JOIN transformation_input i ON i.transformation_id = t.id JOIN lot l ON l.id = i.lot_id
WHERE t.kind NOT IN ('SAMPLE', 'WASTE') AND t.occurred_at >= (l.attributes ->> 'bestBefore')::timestamptz
