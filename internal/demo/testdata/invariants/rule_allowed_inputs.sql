-- DOMAIN 3.8, ALLOWED_INPUTS: a lot is made of the types that the scenario allows for its type. SPLIT and MERGE of one type
-- are always allowed. What a correction shows is held.
SELECT c.code, p.code AS parent, t.kind
FROM lot_genealogy g
JOIN transformation t ON t.id = g.transformation_id AND t.site_id = g.site_id
JOIN lot c ON c.id = g.child_id AND c.site_id = g.site_id
JOIN lot p ON p.id = g.parent_id AND p.site_id = g.parent_site_id
JOIN lot_type ct ON ct.id = c.lot_type_id
JOIN lot_type pt ON pt.id = p.lot_type_id
JOIN scenario s ON s.id = ct.scenario_id
WHERE (pt.scenario_id <> ct.scenario_id
   OR NOT (t.kind IN ('SPLIT', 'MERGE') AND ct.code = pt.code)
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(s.definition -> 'rules') r
                  WHERE r ->> 'type' = 'ALLOWED_INPUTS' AND r ->> 'output' = ct.code AND r -> 'inputs' ? pt.code))
  AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = c.id)
