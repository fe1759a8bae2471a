-- Ten times as much rework went into a mix.
UPDATE transformation_input i SET quantity_kg = i.quantity_kg * 10
FROM lot l, lot_genealogy g, lot c
WHERE l.id = i.lot_id AND l.code LIKE 'REWORK-%' AND g.transformation_id = i.transformation_id AND g.parent_id = l.id AND c.id = g.child_id AND c.code LIKE 'MIX-%'
