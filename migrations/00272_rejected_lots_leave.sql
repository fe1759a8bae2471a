-- +goose Up
-- A rejected lot stays rejected when the last of it goes as waste, and lies nowhere then either.
DROP TRIGGER lot_leaves_location ON lot;
CREATE TRIGGER lot_leaves_location BEFORE UPDATE OF status ON lot FOR EACH ROW
    WHEN (NEW.location_id IS NOT NULL
        AND (NEW.status IN ('CONSUMED', 'SHIPPED') OR NEW.status = 'REJECTED' AND coalesce(NEW.remaining_kg, NEW.remaining_quantity) <= 0))
    EXECUTE FUNCTION lot_leaves_location();
UPDATE lot SET location_id = NULL WHERE status = 'REJECTED' AND location_id IS NOT NULL AND coalesce(remaining_kg, remaining_quantity) <= 0;

-- +goose Down
DROP TRIGGER lot_leaves_location ON lot;
CREATE TRIGGER lot_leaves_location BEFORE UPDATE OF status ON lot FOR EACH ROW
    WHEN (NEW.status IN ('CONSUMED', 'SHIPPED') AND NEW.location_id IS NOT NULL) EXECUTE FUNCTION lot_leaves_location();
