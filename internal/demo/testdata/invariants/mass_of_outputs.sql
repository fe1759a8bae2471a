-- DOMAIN 3.6: a lot weighs what the transformation that made it put out; only a receipt takes nothing in. In the demo no transformation
-- puts out more than it took in: what a kettle takes up is an ingredient.
WITH flow AS (
    SELECT t.kind, t.id, taken.kg AS taken_kg, taken.lots AS taken_lots, made.kg AS made_kg FROM transformation t
    CROSS JOIN LATERAL (SELECT coalesce(sum(quantity_kg), 0) AS kg, count(*) AS lots FROM transformation_input WHERE transformation_id = t.id) taken
    CROSS JOIN LATERAL (SELECT coalesce(sum(quantity_kg), 0) AS kg FROM transformation_output WHERE transformation_id = t.id) made
    WHERE t.voided_at IS NULL
)
SELECT kind::text, id, NULL AS lot FROM flow WHERE (kind = 'RECEIVE') <> (taken_lots = 0)
UNION ALL
SELECT t.kind::text, t.id, l.code
FROM transformation t
JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
JOIN lot l ON l.id = o.lot_id AND l.site_id = o.site_id
WHERE t.voided_at IS NULL AND (o.quantity_kg IS DISTINCT FROM l.weight_kg OR o.quantity IS DISTINCT FROM l.quantity)
-- Of the demo alone:
UNION ALL
SELECT kind::text, id, NULL FROM flow WHERE kind <> 'RECEIVE' AND made_kg > taken_kg
