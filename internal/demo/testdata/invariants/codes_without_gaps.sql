-- DOMAIN 1: codes are TYPE-YYYYMMDD-SITE-####, of the site's production day, numbered without gaps from 0001 for each site, day
-- and type, in the order of registration; runs, deviations and recalls likewise. What is announced has its code before it is made, and a
-- code stays when the time is corrected.
WITH coded AS (
    SELECT l.code, t.code AS type, l.id, l.site_id, CASE l.source WHEN 'AUTO' THEN l.registered_at ELSE first.occurred_at END AS at
    FROM lot l JOIN lot_type t ON t.id = l.lot_type_id LEFT JOIN LATERAL (
        SELECT m.occurred_at FROM transformation_output o JOIN transformation m ON m.id = o.transformation_id WHERE o.lot_id = l.id ORDER BY m.recorded_at, m.id LIMIT 1
    ) first ON true
    UNION ALL
    SELECT code, 'RUN', id, site_id, started_at FROM run
    UNION ALL
    SELECT code, 'DEV', id, site_id, opened_at FROM deviation
    UNION ALL
    SELECT code, 'REC', id, site_id, opened_at FROM recall
), headed AS (
    SELECT c.code, c.id, c.type || to_char((c.at AT TIME ZONE s.time_zone) - s.production_day_start::interval, '-YYYYMMDD-') || s.code || '-' AS head
    FROM coded c JOIN site s ON s.id = c.site_id
), numbered AS (SELECT headed.*, row_number() OVER (PARTITION BY head ORDER BY id) AS number FROM headed)
SELECT code, head, number FROM numbered WHERE code <> head || lpad(number::text, 4, '0')
