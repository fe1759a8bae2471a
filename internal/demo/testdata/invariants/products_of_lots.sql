-- Of the demo alone:
-- Every finished lot is of the product whose SKU it carries and whose GTIN is in its key; its type is the product's, and it holds no
-- allergen that the label doesn't name. Shares of a recipe make 100 %.
SELECT l.code, p.sku AS fault
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id LEFT JOIN product p ON p.id = l.product_id
WHERE CASE WHEN t.role = 'FINISHED' THEN
    p.sku = l.attributes ->> 'sku' AND p.lot_type = t.code AND p.gtin = split_part(l.gs1_key, '/', 2)
    AND coalesce(l.attributes -> 'allergens', '[]') <@ to_jsonb(p.allergens)
    ELSE p.id IS NULL END IS NOT TRUE
UNION ALL
SELECT p.sku, 'shares' FROM product p JOIN product_component c ON c.product_id = p.id AND c.version = p.recipe_version GROUP BY p.id HAVING sum(c.share_percent) <> 100
UNION ALL
SELECT p.sku, 'name or lots' FROM product p WHERE p.name ->> 'en' = '' OR p.name ->> 'hu' = '' OR NOT EXISTS (SELECT FROM lot l WHERE l.product_id = p.id)
