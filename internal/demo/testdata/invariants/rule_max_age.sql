-- DOMAIN 3.8, MAX_AGE: a phase makes its lots of a lot of these types only while it is not older. What is only split or merged is as old
-- as it was. What a correction shows isn't refused: it is held.
SELECT l.code, t.kind, t.occurred_at - l.occurred_at AS age
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN lot_type lt ON lt.id = l.lot_type_id
JOIN scenario s ON s.id = lt.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
WHERE t.kind NOT IN ('SAMPLE', 'WASTE') AND r ->> 'type' = 'MAX_AGE' AND r -> 'inputs' ? lt.code
  AND t.occurred_at - l.occurred_at > make_interval(secs => (r ->> 'maxAgeS')::int)
  AND EXISTS (
      SELECT FROM transformation_output o JOIN lot m ON m.id = o.lot_id JOIN lot_type mt ON mt.id = m.lot_type_id
      CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'phases') phase
      WHERE o.transformation_id = t.id AND t.voided_at IS NULL
        AND m.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = m.id)
        AND phase -> 'number' = r -> 'phase' AND phase -> 'creates' ? mt.code AND NOT (t.kind IN ('SPLIT', 'MERGE') AND mt.id = lt.id))
