-- The exercise lost a lot.
UPDATE recall_report_lots SET bits = set_bit(bits, (SELECT max(n) FROM generate_series(0, 32767) AS n WHERE get_bit(bits, n) = 1), 0)
