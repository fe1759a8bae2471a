-- DOMAIN 3.8, SAME_ATTRIBUTE of direct inputs: all inputs that carry the attribute have the same value of it, and the output
-- takes it. What a correction shows is held.
SELECT c.code, p.code AS parent, r ->> 'attribute' AS attribute
FROM lot_genealogy g
JOIN lot c ON c.id = g.child_id
JOIN lot p ON p.id = g.parent_id
JOIN lot_type ct ON ct.id = c.lot_type_id
JOIN scenario s ON s.id = ct.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
WHERE r ->> 'type' = 'SAME_ATTRIBUTE' AND r ->> 'scope' = 'DIRECT_INPUTS' AND r -> 'outputs' ? ct.code
  AND p.attributes ? (r ->> 'attribute') AND p.attributes ->> (r ->> 'attribute') IS DISTINCT FROM c.attributes ->> (r ->> 'attribute')
  AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = c.id)
