-- Two digits of an SSCC changed places.
UPDATE lot SET gs1_key = '00/395210010000000012' WHERE id = (SELECT id FROM lot WHERE gs1_key LIKE '00/%' ORDER BY id LIMIT 1)
