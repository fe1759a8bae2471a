-- Packaging goes into the mix.
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT g.child_id, p.id, g.transformation_id, g.site_id, g.site_id
FROM lot_genealogy g JOIN lot c ON c.id = g.child_id, lot p
WHERE c.code LIKE 'MIX-%' AND p.code LIKE 'PKG-%DUNA%' ORDER BY 1, 2 LIMIT 1
