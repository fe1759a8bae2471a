-- A weight was invented.
UPDATE lot SET weight_kg = 0, remaining_kg = 0 WHERE source = 'AUTO'
