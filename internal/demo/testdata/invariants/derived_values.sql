-- Of the demo alone:
-- DOMAIN 3.2: what the server derives is what the records say: yield, age, days that remain, a rod's deviation.
WITH derived AS (
    SELECT d.id, l.id AS lot_id, l.code, l.weight_kg, l.occurred_at, l.attributes, m.parameter, m.value, m.at
    FROM qc_decision d JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
    CROSS JOIN LATERAL jsonb_to_recordset(d.measurements) AS m(parameter text, value numeric, at timestamptz, derived boolean)
    WHERE m.derived
)
SELECT id, code, parameter, value FROM derived
WHERE value IS DISTINCT FROM CASE parameter
    WHEN 'yield' THEN (SELECT round(100 * weight_kg / sum(i.quantity_kg), 1)
                       FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.voided_at IS NULL
                       JOIN transformation_input i ON i.transformation_id = t.id WHERE o.lot_id = derived.lot_id)
    WHEN 'age_minutes' THEN floor(extract(epoch FROM at - occurred_at) / 60)
    WHEN 'remaining_days' THEN floor(extract(epoch FROM (attributes ->> 'bestBefore')::timestamptz - at) / 86400)
    WHEN 'rod_deviation' THEN weight_kg - substring(attributes ->> 'sku' FROM '[0-9]+$')::numeric
    ELSE value END
UNION ALL
SELECT NULL, 'never derived', p, NULL FROM unnest(ARRAY['yield', 'age_minutes', 'remaining_days', 'rod_deviation', 'component_deviation']) p
WHERE NOT EXISTS (SELECT FROM derived WHERE parameter = p)
