-- A buffer was measured anew.
UPDATE location SET capacity_kg = 1 WHERE kind = 'BUFFER'
