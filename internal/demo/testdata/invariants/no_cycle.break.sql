-- A pallet goes into a container of meat that it was made of.
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT g.parent_id, h.child_id, g.transformation_id, g.site_id, g.site_id
FROM lot_genealogy g JOIN lot_genealogy h ON h.parent_id = g.child_id JOIN lot l ON l.id = h.child_id
WHERE l.code LIKE 'MIX-%' ORDER BY 1, 2 LIMIT 1
