-- DOMAIN 3.9: corrections void and replace. The demo has some; each is replaced by a transformation in force with the same
-- outputs that was recorded when the old one was voided.
SELECT 'no voided transformation' AS fault, NULL::uuid AS id WHERE NOT EXISTS (SELECT FROM transformation WHERE voided_at IS NOT NULL)
UNION ALL
SELECT 'not replaced', t.id
FROM transformation t
LEFT JOIN transformation n ON n.id = t.replaced_by_id AND n.site_id = t.site_id AND n.voided_at IS NULL AND n.recorded_at = t.voided_at
WHERE t.voided_at IS NOT NULL AND (n.id IS NULL OR EXISTS (
    SELECT lot_id FROM transformation_output WHERE transformation_id = t.id
    EXCEPT SELECT lot_id FROM transformation_output WHERE transformation_id = n.id))
UNION ALL
SELECT 'voided before it was recorded', id FROM transformation WHERE voided_at <= recorded_at
