-- The chiller took an hour longer.
UPDATE qc_decision SET measurements = (
    SELECT jsonb_agg(CASE WHEN (m ->> 'value')::numeric < 26.7 THEN jsonb_set(m, '{at}', to_jsonb(to_char((m ->> 'at')::timestamptz + interval '3 hours', 'YYYY-MM-DD"T"HH24:MI:SSOF'))) ELSE m END)
    FROM jsonb_array_elements(measurements) m)
WHERE id = (SELECT d.id FROM qc_decision d JOIN lot l ON l.id = d.lot_id WHERE l.code LIKE 'CHILL-%' ORDER BY d.id LIMIT 1)
