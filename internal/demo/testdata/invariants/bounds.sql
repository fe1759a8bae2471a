-- DOMAIN 3.13: weight above 0 and up to 10,000 kg, temperature −50 to 100 °C, codes of 1 to 100 characters; weighed or counted as
-- the type says. What never was, as a correction says, weighs nothing. In the demo only what auto-registration announced has no amount
-- yet (3.11): it waits in a run that goes on, without a temperature.
WITH known AS (SELECT * FROM lot l WHERE NOT (l.status = 'CONSUMED' AND coalesce(l.weight_kg, 1) = 0))
SELECT l.code, 'out of bounds' AS fault FROM known l
WHERE l.weight_kg <= 0 OR l.weight_kg > 10000 OR l.quantity <= 0 OR l.temperature_c NOT BETWEEN -50 AND 100 OR char_length(l.code) > 100
UNION ALL
SELECT l.code, 'unit' FROM known l JOIN lot_type t ON t.id = l.lot_type_id
WHERE CASE t.unit WHEN 'KGM' THEN l.quantity IS NOT NULL OR l.unit IS NOT NULL ELSE l.weight_kg IS NOT NULL OR l.unit IS DISTINCT FROM t.unit END
-- Of the demo alone:
UNION ALL
SELECT l.code, 'no amount' FROM lot l JOIN run r ON r.id = l.run_id
WHERE l.weight_kg IS NULL AND l.quantity IS NULL
  AND (NOT l.announced OR NOT r.auto_register OR l.status <> 'QUARANTINE' OR r.status <> 'RUNNING' OR l.temperature_c IS NOT NULL OR l.registered_by IS NOT NULL)
UNION ALL
SELECT 'nothing unweighed', NULL WHERE NOT EXISTS (SELECT FROM lot WHERE announced AND weight_kg IS NULL)
