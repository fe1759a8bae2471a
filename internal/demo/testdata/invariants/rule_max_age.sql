-- DOMAIN 3.8, MAX_AGE: a phase consumes a lot of these types only while it is not older.
SELECT l.code, t.kind, t.occurred_at - l.occurred_at AS age
FROM transformation t
JOIN phase ON phase.id = t.phase_id
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN lot_type lt ON lt.id = l.lot_type_id
JOIN scenario s ON s.id = lt.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
WHERE t.kind NOT IN ('SAMPLE', 'WASTE') AND r ->> 'type' = 'MAX_AGE' AND r -> 'inputs' ? lt.code AND (r ->> 'phase')::int = phase.number
  AND t.occurred_at - l.occurred_at > make_interval(secs => (r ->> 'maxAgeS')::int)
