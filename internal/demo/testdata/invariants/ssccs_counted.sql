-- The next SSCC of a company prefix comes after all that were given.
SELECT l.code FROM lot l JOIN site s ON s.id = l.site_id LEFT JOIN sscc_counter c ON c.company_prefix = s.company_prefix
WHERE l.gs1_key LIKE '00/%'
  AND coalesce(c.last, 0) < (substr(l.gs1_key, 4, 1) || substr(l.gs1_key, 12, 9))::bigint -- the demo's prefixes have 7 digits
