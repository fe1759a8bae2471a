-- The exercise lost a lot.
DELETE FROM recall_report_lot WHERE lot_id = (SELECT max(lot_id::text)::uuid FROM recall_report_lot)
