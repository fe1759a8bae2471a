-- DOMAIN 3.4: while a lot is held or exposed, or once it is rejected, nothing is made of it and it is not shipped, neither when
-- it happened nor when it was recorded. Samples and waste may always be taken. A correction says what went in all the same: what came out
-- is exposed then.
WITH stop AS (
    SELECT h.lot_id, h.site_id, h.id AS cause_id, 'held' AS why, h.held_at AS since, CASE WHEN h.outcome = 'REJECTED' THEN NULL ELSE h.ended_at END AS until FROM hold h
    UNION ALL
    SELECT e.lot_id, e.site_id, e.cause_id, 'exposed', e.exposed_at, e.ended_at FROM exposure e
), used AS (
    SELECT t.*, EXISTS (SELECT FROM transformation o WHERE o.replaced_by_id = t.id) AS corrects FROM transformation t WHERE t.kind NOT IN ('SAMPLE', 'WASTE')
)
SELECT l.code, t.kind, t.occurred_at, stop.why
FROM used t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN stop ON stop.lot_id = l.id AND stop.site_id = l.site_id
WHERE t.recorded_at >= stop.since AND (stop.until IS NULL OR CASE WHEN t.corrects THEN t.recorded_at ELSE t.occurred_at END < stop.until)
  AND (NOT t.corrects OR EXISTS (
      SELECT FROM transformation_output o
      WHERE o.transformation_id = t.id AND NOT EXISTS (SELECT FROM exposure x WHERE x.lot_id = o.lot_id AND x.cause_id = stop.cause_id)))
