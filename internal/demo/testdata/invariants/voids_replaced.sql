-- DOMAIN 3.9: corrections void and replace. What replaces another has the same outputs, and was recorded when the old one was voided. The
-- demo has some, each replaced by a transformation in force.
SELECT 'voided before it was recorded' AS fault, id FROM transformation WHERE voided_at <= recorded_at
UNION ALL
SELECT 'replaced by something else', t.id
FROM transformation t JOIN transformation n ON n.id = t.replaced_by_id AND n.site_id = t.site_id
WHERE n.recorded_at IS DISTINCT FROM t.voided_at OR EXISTS (
    SELECT lot_id FROM transformation_output WHERE transformation_id = t.id
    EXCEPT SELECT lot_id FROM transformation_output WHERE transformation_id = n.id)
-- Of the demo alone:
UNION ALL
SELECT 'no voided transformation', NULL::uuid WHERE NOT EXISTS (SELECT FROM transformation WHERE voided_at IS NOT NULL)
UNION ALL
SELECT 'not replaced', t.id
FROM transformation t LEFT JOIN transformation n ON n.id = t.replaced_by_id AND n.site_id = t.site_id AND n.voided_at IS NULL
WHERE t.voided_at IS NOT NULL AND n.id IS NULL
