-- Of the demo alone:
-- The rhythm of a plant: nothing is made on Sundays nor on the public holiday of 23 October, less on Saturdays; goods come in
-- the morning and leave from the late morning on.
WITH made AS (
    SELECT l.id, ((l.occurred_at AT TIME ZONE s.time_zone) - s.production_day_start::interval)::date AS day FROM lot l JOIN site s ON s.id = l.site_id
), daily AS (SELECT day, count(*) AS lots FROM made GROUP BY day)
SELECT 'made on a day of rest' AS fault, day FROM daily WHERE extract(isodow FROM day) = 7 OR day = '2026-10-23'
UNION ALL
SELECT 'as much on a Saturday', day FROM daily
WHERE extract(isodow FROM day) = 6 AND lots > 0.9 * (SELECT avg(lots) FROM daily w WHERE extract(isodow FROM w.day) BETWEEN 2 AND 5 AND w.day < '2026-10-30' AND w.day > '2026-10-05')
UNION ALL
SELECT t.kind::text, t.occurred_at::date FROM transformation t JOIN site s ON s.id = t.site_id
WHERE t.kind = 'RECEIVE' AND (t.occurred_at AT TIME ZONE s.time_zone)::time NOT BETWEEN '06:00' AND '11:30'
   OR t.kind = 'SHIP' AND (t.occurred_at AT TIME ZONE s.time_zone)::time NOT BETWEEN '11:00' AND '17:30'
UNION ALL
SELECT 'not 30 days', NULL WHERE (SELECT min(day) || ' ' || max(day) FROM daily) <> '2026-10-01 2026-10-30'
