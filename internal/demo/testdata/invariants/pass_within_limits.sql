-- DOMAIN 3.2: limits are computed. Every PASS meets each limit that applies to its lot: in one of the limit's groups all readings
-- of each condition are within bounds, by as many probes as asked for, for as long as it asks. (Curves: pass_along_curves.)
WITH judged AS (
    SELECT d.id, g.number, l.code, l.attributes, d.measurements, lim
    FROM qc_decision d
    JOIN qc_gate g ON g.id = d.gate_id
    LEFT JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
    CROSS JOIN LATERAL jsonb_array_elements(g.limits) AS lim
    WHERE d.decision = 'PASS' AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(coalesce(lim -> 'when', '[]')) w
        WHERE l.attributes ->> (w ->> 'attribute') IS DISTINCT FROM w ->> 'equals')
)
SELECT j.id, j.number, j.code, j.lim ->> 'code' AS limit_code
FROM judged j
WHERE NOT EXISTS (
    SELECT FROM jsonb_array_elements(j.lim -> 'anyOf') AS conditions
    WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(conditions) AS c
        WHERE NOT c ? 'withinS' AND NOT (c ->> 'parameter' = 'remaining_days' AND NOT j.attributes ? 'bestBefore')
          AND NOT coalesce((
            SELECT bool_and(CASE c ->> 'op'
                       WHEN 'LE' THEN m.value <= (c ->> 'value')::numeric
                       WHEN 'GE' THEN m.value >= (c ->> 'value')::numeric
                       WHEN 'EQ' THEN m.value = (c ->> 'value')::numeric
                       ELSE m.value BETWEEN (c ->> 'min')::numeric AND (c ->> 'max')::numeric END)
                   AND count(DISTINCT coalesce(m.probe, '')) >= coalesce((c #>> '{aggregate,probes}')::int, 1)
                   AND max(m.at) - min(m.at) >= make_interval(secs => coalesce((c ->> 'forAtLeastS')::int, 0))
            FROM jsonb_to_recordset(j.measurements) AS m(parameter text, value numeric, unit text, at timestamptz, probe text)
            WHERE m.parameter = c ->> 'parameter' AND m.unit = c ->> 'unit'), false)))
UNION ALL
-- A gate all of whose limits are for certain goods, none of them these, can't be passed.
SELECT d.id, g.number, l.code, NULL
FROM qc_decision d JOIN qc_gate g ON g.id = d.gate_id JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
WHERE d.decision = 'PASS' AND jsonb_array_length(g.limits) > 0 AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(g.limits) AS lim WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(coalesce(lim -> 'when', '[]')) w WHERE l.attributes ->> (w ->> 'attribute') IS DISTINCT FROM w ->> 'equals'))
