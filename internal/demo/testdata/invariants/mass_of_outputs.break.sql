-- A lot became heavier than what it was made of.
UPDATE transformation_output SET quantity_kg = quantity_kg * 2
WHERE (transformation_id, lot_id) = (
    SELECT o.transformation_id, o.lot_id FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
    WHERE t.kind = 'MERGE' ORDER BY 1, 2 LIMIT 1)
