-- A counter that stands one behind.
UPDATE sscc_counter SET last = last - 1 WHERE company_prefix = (SELECT company_prefix FROM sscc_counter ORDER BY company_prefix LIMIT 1)
