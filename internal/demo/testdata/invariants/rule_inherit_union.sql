-- DOMAIN 3.8, INHERIT_UNION: every output carries all values that any of its inputs carries: allergens never get lost.
SELECT c.code, p.code AS parent, carried
FROM lot_genealogy g
JOIN lot c ON c.id = g.child_id
JOIN lot p ON p.id = g.parent_id
JOIN lot_type ct ON ct.id = c.lot_type_id
JOIN scenario s ON s.id = ct.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(p.attributes -> (r ->> 'attribute'), '[]')) AS carried
WHERE r ->> 'type' = 'INHERIT_UNION' AND NOT coalesce(c.attributes -> (r ->> 'attribute') ? carried, false)
