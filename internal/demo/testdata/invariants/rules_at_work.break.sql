-- No rework goes into anything.
DELETE FROM lot_genealogy g USING lot p WHERE p.id = g.parent_id AND p.code LIKE 'REWORK-%'
