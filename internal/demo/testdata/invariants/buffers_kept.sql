-- What lies in a buffer is of a type that it takes, within its temperatures, and no more than it holds; nothing of a lot that is
-- consumed or shipped lies anywhere.
SELECT l.code, 'in the wrong place' AS fault
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id JOIN location x ON x.id = l.location_id
WHERE NOT t.code = ANY(x.lot_types) OR l.temperature_c NOT BETWEEN x.temperature_min_c AND x.temperature_max_c OR l.status NOT IN ('QUARANTINE', 'RELEASED')
UNION ALL
SELECT x.code, 'too full' FROM location x WHERE x.capacity_kg < (SELECT sum(l.remaining_kg) FROM lot l WHERE l.location_id = x.id)
-- Of the demo alone:
UNION ALL
SELECT s.code, 'nothing in its place' FROM site s WHERE NOT EXISTS (SELECT FROM lot l WHERE l.site_id = s.id AND l.location_id IS NOT NULL)
