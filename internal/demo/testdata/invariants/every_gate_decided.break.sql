-- Yields outside their band raised no alert.
DELETE FROM alert WHERE kind = 'YIELD_OUT_OF_BAND'
