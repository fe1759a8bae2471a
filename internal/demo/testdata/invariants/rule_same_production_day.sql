-- DOMAIN 3.8, SAME_PRODUCTION_DAY: what is made of these types is made on their own production day, which begins at the
-- site's hour. What a correction shows is held.
SELECT c.code, p.code AS parent
FROM lot_genealogy g
JOIN site ON site.id = g.site_id
JOIN lot c ON c.id = g.child_id
JOIN lot p ON p.id = g.parent_id
JOIN lot_type ct ON ct.id = c.lot_type_id
JOIN lot_type pt ON pt.id = p.lot_type_id
JOIN scenario s ON s.id = ct.scenario_id
CROSS JOIN LATERAL jsonb_array_elements(s.definition -> 'rules') r
WHERE r ->> 'type' = 'SAME_PRODUCTION_DAY' AND r -> 'inputs' ? pt.code AND r -> 'outputs' ? ct.code
  AND ((c.occurred_at AT TIME ZONE site.time_zone) - site.production_day_start::interval)::date
   <> ((p.occurred_at AT TIME ZONE site.time_zone) - site.production_day_start::interval)::date
  AND c.status <> 'REJECTED' AND NOT EXISTS (SELECT FROM hold h JOIN transformation w ON w.voided_at = h.held_at AND w.site_id = h.site_id WHERE h.lot_id = c.id)
