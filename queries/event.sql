-- name: EventsAfter :many
-- The next events of several sites' streams, each behind its own place: at most so many of each, in their order.
SELECT e.*
FROM ROWS FROM (unnest(@sites::integer[]), unnest(@sequences::bigint[])) AS place (site_id, sequence)
JOIN LATERAL (
    SELECT * FROM event o WHERE o.site_id = place.site_id AND o.sequence > place.sequence ORDER BY o.sequence LIMIT @size
) e ON true
ORDER BY e.site_id, e.sequence;
