-- A lot is held at 3.0 °C.
UPDATE qc_decision SET measurements = jsonb_set(measurements, '{0,value}', '"3.0"')
WHERE decision = 'HOLD' AND measurements #>> '{0,parameter}' = 'surface_temp'
