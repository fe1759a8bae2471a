-- A rod was written down lighter than it is.
UPDATE qc_decision SET measurements = jsonb_set(measurements, '{0,value}', '"-0.249"')
WHERE id = (SELECT id FROM qc_decision WHERE measurements #>> '{0,parameter}' = 'rod_deviation' ORDER BY id LIMIT 1)
