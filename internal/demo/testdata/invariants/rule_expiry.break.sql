-- A pallet's date is a day later than that of what lies on it.
UPDATE lot SET attributes = jsonb_set(attributes, '{bestBefore}', to_jsonb(to_char((attributes ->> 'bestBefore')::timestamptz + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SSOF')))
WHERE id = (SELECT id FROM lot WHERE code LIKE 'PAL-%' ORDER BY id LIMIT 1)
