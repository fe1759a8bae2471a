-- Of the demo alone:
-- Each type of rule is at work in the demo: there are transformations that it decides about.
WITH rule AS (
    SELECT s.id AS scenario_id, r, r ->> 'type' AS type FROM scenario s CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
), pair AS (
    SELECT ct.scenario_id, ct.code AS child, pt.code AS parent, p.attributes AS parent_has, phase.number AS phase
    FROM lot_genealogy g JOIN transformation t ON t.id = g.transformation_id JOIN phase ON phase.id = t.phase_id
    JOIN lot c ON c.id = g.child_id JOIN lot_type ct ON ct.id = c.lot_type_id
    JOIN lot p ON p.id = g.parent_id JOIN lot_type pt ON pt.id = p.lot_type_id
), works AS (
    SELECT DISTINCT rule.type FROM rule JOIN pair ON pair.scenario_id = rule.scenario_id
    WHERE CASE rule.type
        WHEN 'ALLOWED_INPUTS' THEN r ->> 'output' = child
        WHEN 'SAME_ATTRIBUTE' THEN r -> 'outputs' ? child AND parent_has ? (r ->> 'attribute')
        WHEN 'SAME_PRODUCTION_DAY' THEN r -> 'outputs' ? child AND r -> 'inputs' ? parent
        WHEN 'MAX_AGE' THEN r -> 'inputs' ? parent AND (r ->> 'phase')::int = phase
        WHEN 'MAX_SHARE' THEN r ->> 'output' = child AND r ->> 'input' = parent
        WHEN 'INHERIT_UNION' THEN parent_has ? (r ->> 'attribute')
        WHEN 'EXPIRY' THEN r -> 'outputs' ? child AND parent_has ? 'bestBefore'
        WHEN 'CONTINUOUS_VESSEL' THEN r ->> 'lotType' = child AND child = parent
    END
)
SELECT type FROM unnest(ARRAY['ALLOWED_INPUTS', 'SAME_ATTRIBUTE', 'SAME_PRODUCTION_DAY', 'MAX_AGE', 'MAX_SHARE', 'INHERIT_UNION', 'EXPIRY', 'CONTINUOUS_VESSEL']) AS type
EXCEPT SELECT type FROM works
