-- DOMAIN 1 and 3.2: a limit on a curve. From the last reading at its first value, or before it, to the first at its second, or
-- beyond it, no more than the time allowed; where several probes are asked for, the warmest counts.
WITH wanted AS (
    SELECT d.id, g.number, l.code, c, d.measurements
    FROM qc_decision d
    JOIN qc_gate g ON g.id = d.gate_id
    JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
    CROSS JOIN LATERAL jsonb_array_elements(g.limits) AS lim
    CROSS JOIN LATERAL jsonb_array_elements(lim #> '{anyOf,0}') AS c
    WHERE d.decision = 'PASS' AND c ? 'withinS'
), curve AS (
    SELECT w.id, w.number, w.code, w.c, m.at, max(m.value) AS value, count(m.at) AS probes
    FROM wanted w
    LEFT JOIN LATERAL jsonb_to_recordset(w.measurements) AS m(parameter text, value numeric, unit text, at timestamptz, probe text)
        ON m.parameter = w.c ->> 'parameter' AND m.unit = w.c ->> 'unit'
    GROUP BY 1, 2, 3, 4, 5
), timed AS (
    SELECT id, number, code, c, min(probes) AS probes,
           max(at) FILTER (WHERE value >= (c ->> 'fromValue')::numeric) AS begun,
           min(at) FILTER (WHERE value <= (c ->> 'toValue')::numeric) AS ended
    FROM curve GROUP BY 1, 2, 3, 4
)
SELECT id, number, code, ended - begun AS took FROM timed
WHERE NOT coalesce(ended > begun AND ended - begun <= make_interval(secs => (c ->> 'withinS')::int)
                   AND probes >= coalesce((c #>> '{aggregate,probes}')::int, 1), false)
-- Of the demo alone:
UNION ALL
SELECT NULL, NULL, 'no curve was judged', NULL WHERE NOT EXISTS (SELECT FROM wanted)
