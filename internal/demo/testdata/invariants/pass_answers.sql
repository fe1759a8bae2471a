-- DOMAIN 3.2: a PASS has every required answer, and each is good: yes; the codes that were scanned are those of the lot.
SELECT d.id, g.number, l.code, item ->> 'code' AS item
FROM qc_decision d
JOIN qc_gate g ON g.id = d.gate_id
LEFT JOIN lot l ON l.id = d.lot_id AND l.site_id = d.site_id
CROSS JOIN LATERAL jsonb_array_elements(g.checklist) AS item
LEFT JOIN LATERAL (SELECT a -> 'value' AS value FROM jsonb_array_elements(d.answers) a WHERE a ->> 'code' = item ->> 'code') answer ON true
WHERE d.decision = 'PASS' AND NOT coalesce(CASE
    WHEN answer.value IS NULL THEN NOT (item ->> 'required')::boolean
    WHEN item ->> 'type' = 'BOOL' THEN answer.value = 'true'
    WHEN item ->> 'type' = 'NUMBER' THEN jsonb_typeof(answer.value) = 'number'
    WHEN item ->> 'expect' = 'SSCC' THEN l.gs1_key = '00/' || (answer.value #>> '{}')
    WHEN item ->> 'expect' = 'PRODUCT_GTIN' AND l.id IS NOT NULL THEN split_part(l.gs1_key, '/', 2) = answer.value #>> '{}'
    WHEN item ->> 'expect' = 'PRODUCT_GTIN' THEN (answer.value #>> '{}') ~ '^[0-9]{14}$'
    WHEN item ->> 'expect' = 'CONTAINER_SPECIES' THEN (answer.value #>> '{}') LIKE '%' || (l.attributes ->> 'species')
    ELSE char_length(answer.value #>> '{}') > 0 END, false)
