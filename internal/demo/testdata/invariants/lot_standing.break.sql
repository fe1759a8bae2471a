-- A pack went away with another shipment than its lot says.
UPDATE lot SET shipment_id = gen_random_uuid() WHERE id = (SELECT max(id::text)::uuid FROM lot WHERE shipment_id IS NOT NULL)
