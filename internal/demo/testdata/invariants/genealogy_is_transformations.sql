-- DOMAIN 1: the genealogy is the inputs × outputs of the transformations in force, exactly: no pair more, none missing, and
-- none of a voided one (DOMAIN 3.9).
WITH implied AS (
    SELECT o.lot_id AS child_id, i.lot_id AS parent_id, t.id AS transformation_id, o.site_id, i.site_id AS parent_site_id
    FROM transformation t
    JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
    WHERE t.voided_at IS NULL
), stored AS (SELECT child_id, parent_id, transformation_id, site_id, parent_site_id FROM lot_genealogy)
(SELECT 'missing' AS fault, * FROM implied EXCEPT SELECT 'missing', * FROM stored)
UNION ALL
(SELECT 'too many', * FROM stored EXCEPT SELECT 'too many', * FROM implied)
