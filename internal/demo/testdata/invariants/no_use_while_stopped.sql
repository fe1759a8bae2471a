-- DOMAIN 3.4: while a lot is held or exposed, or once it is rejected, nothing is made of it and it is not shipped, neither when
-- it happened nor when it was recorded. Samples and waste may always be taken, and a correction says what went in all the same.
SELECT l.code, t.kind, t.occurred_at, 'held' AS why
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN hold h ON h.lot_id = l.id AND h.site_id = l.site_id
WHERE t.kind NOT IN ('SAMPLE', 'WASTE') AND NOT EXISTS (SELECT FROM transformation o WHERE o.replaced_by_id = t.id) AND t.recorded_at >= h.held_at
  AND (h.ended_at IS NULL OR h.outcome = 'REJECTED' OR t.occurred_at < h.ended_at)
UNION ALL
SELECT l.code, t.kind, t.occurred_at, 'exposed'
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN exposure e ON e.lot_id = l.id AND e.site_id = l.site_id
WHERE t.kind NOT IN ('SAMPLE', 'WASTE') AND NOT EXISTS (SELECT FROM transformation o WHERE o.replaced_by_id = t.id) AND t.recorded_at >= e.exposed_at AND (e.ended_at IS NULL OR t.occurred_at < e.ended_at)
