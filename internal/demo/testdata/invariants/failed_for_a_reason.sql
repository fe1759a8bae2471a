-- Of the demo alone:
-- A HOLD or FAIL really breaks a limit, or has an answer that is no.
SELECT d.id, g.number, l.code
FROM qc_decision d
JOIN qc_gate g ON g.id = d.gate_id
LEFT JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
WHERE d.decision <> 'PASS'
  AND NOT EXISTS (SELECT FROM jsonb_array_elements(d.answers) a WHERE a -> 'value' = 'false')
  AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(g.limits) AS lim
    CROSS JOIN LATERAL jsonb_array_elements(lim #> '{anyOf,0}') AS c
    JOIN LATERAL jsonb_to_recordset(d.measurements) AS m(parameter text, value numeric) ON m.parameter = c ->> 'parameter'
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(lim -> 'when', '[]')) w WHERE l.attributes ->> (w ->> 'attribute') IS DISTINCT FROM w ->> 'equals')
      AND CASE c ->> 'op' WHEN 'LE' THEN m.value > (c ->> 'value')::numeric WHEN 'GE' THEN m.value < (c ->> 'value')::numeric
          ELSE m.value NOT BETWEEN (c ->> 'min')::numeric AND (c ->> 'max')::numeric END)
UNION ALL
SELECT NULL, NULL, 'no HOLD or no FAIL' WHERE (SELECT count(DISTINCT decision) FROM qc_decision) < 3
