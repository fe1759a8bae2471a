-- DOMAIN 3.8, SAME_ATTRIBUTE of all ancestors: species are never mixed. Every ancestor that carries the attribute has the
-- value of the lot that was made. What a correction shows is held.
WITH RECURSIVE under AS (
    SELECT l.id AS lot_id, r ->> 'attribute' AS attribute
    FROM lot l JOIN lot_type t ON t.id = l.lot_type_id JOIN scenario s ON s.id = t.scenario_id
    CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
    WHERE r ->> 'type' = 'SAME_ATTRIBUTE' AND r ->> 'scope' = 'ALL_ANCESTORS' AND r -> 'outputs' ? t.code
), kin AS (
    SELECT under.lot_id, under.attribute, g.parent_id FROM under JOIN lot_genealogy g ON g.child_id = under.lot_id
    UNION
    SELECT kin.lot_id, kin.attribute, g.parent_id FROM kin JOIN lot_genealogy g ON g.child_id = kin.parent_id
)
SELECT l.code, p.code AS ancestor, kin.attribute
FROM kin JOIN lot l ON l.id = kin.lot_id JOIN lot p ON p.id = kin.parent_id
WHERE p.attributes ? kin.attribute AND p.attributes ->> kin.attribute IS DISTINCT FROM l.attributes ->> kin.attribute
  AND l.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = l.id)
