-- Of the demo alone:
-- GS1 General Specifications 7.9.1: GLNs, GTINs and SSCCs end in their check digit; all of the demo's begin with 952, the prefix
-- for examples. A pallet has an SSCC, a finished lot GTIN and lot number, of 20 characters at most.
WITH numbers AS (
    SELECT gln AS number, 13 AS length FROM site UNION ALL SELECT gln, 13 FROM partner
    UNION ALL SELECT split_part(gs1_key, '/', 2), CASE WHEN gs1_key LIKE '00/%' THEN 18 ELSE 14 END FROM lot WHERE gs1_key IS NOT NULL
)
SELECT number FROM numbers
WHERE number IS NULL OR char_length(number) <> length OR substr(number, CASE length WHEN 13 THEN 1 ELSE 2 END, 3) <> '952'
   OR (SELECT sum(substr(number, i, 1)::int * CASE WHEN (length - i) % 2 = 1 THEN 3 ELSE 1 END) % 10 FROM generate_series(1, length) i) <> 0
UNION ALL
SELECT l.code FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE CASE WHEN t.code = 'PAL' THEN l.gs1_key LIKE '00/%'
           WHEN t.role = 'FINISHED' THEN l.gs1_key LIKE '01/%/10/%' AND split_part(l.gs1_key, '/', 4) = replace(regexp_replace(l.code, '-20', '-'), '-', '') AND char_length(split_part(l.gs1_key, '/', 4)) <= 20
           ELSE l.gs1_key IS NULL END IS NOT TRUE
