-- The flag of a held lot is taken off.
UPDATE lot SET held = false WHERE held
