-- One lot escaped.
UPDATE hold SET decision_id = NULL WHERE id = (
    SELECT h.id FROM hold h JOIN qc_decision d ON d.id = h.decision_id WHERE d.lot_id IS NULL ORDER BY h.id LIMIT 1)
