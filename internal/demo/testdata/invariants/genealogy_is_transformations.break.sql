-- The pairs of a voided transformation are back in force.
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
SELECT o.lot_id, i.lot_id, t.id, t.site_id, t.site_id
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id
JOIN transformation_output o ON o.transformation_id = t.id
WHERE t.voided_at IS NOT NULL
