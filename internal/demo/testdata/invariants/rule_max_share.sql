-- DOMAIN 3.8, MAX_SHARE: rework makes up at most so many per cent of what goes into a mix.
-- What a correction shows isn't refused: it is held.
SELECT c.code, share.percent
FROM transformation t
JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
JOIN lot c ON c.id = o.lot_id AND c.site_id = o.site_id
JOIN lot_type ct ON ct.id = c.lot_type_id
JOIN scenario s ON s.id = ct.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
CROSS JOIN LATERAL (
    SELECT 100 * sum(i.quantity_kg) FILTER (WHERE pt.code = r ->> 'input') / sum(i.quantity_kg) AS percent
    FROM transformation_input i JOIN lot p ON p.id = i.lot_id JOIN lot_type pt ON pt.id = p.lot_type_id
    WHERE i.transformation_id = t.id
) share
WHERE t.voided_at IS NULL AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = c.id)
  AND r ->> 'type' = 'MAX_SHARE' AND r ->> 'output' = ct.code AND share.percent > (r ->> 'percent')::numeric
