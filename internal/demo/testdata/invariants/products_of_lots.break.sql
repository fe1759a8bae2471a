-- An allergen was forgotten on a label.
UPDATE product SET allergens = '{}' WHERE sku = 'CHICKEN-15'
