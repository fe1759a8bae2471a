-- A number was left out.
UPDATE lot SET code = 'SHIP-20261001-DUNA-9999' WHERE code = (SELECT code FROM lot WHERE code LIKE 'SHIP-%' ORDER BY id LIMIT 1)
