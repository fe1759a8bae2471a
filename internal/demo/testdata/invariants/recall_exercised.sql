-- Of the demo alone:
-- DOMAIN 1: a closed mock recall is there; it found each lot that was made of its suspects, and what it says of them still holds: none was made, used or
-- held since.
WITH RECURSIVE reached AS (
    SELECT s.recall_id, s.lot_id FROM recall_suspect s
    UNION
    SELECT r.recall_id, g.child_id FROM reached r JOIN lot_genealogy g ON g.parent_id = r.lot_id
), listed AS (
    SELECT s.report_id, l.id AS lot_id FROM recall_report_lots s CROSS JOIN generate_series(0, 32767) AS n
    JOIN lot l ON l.number = s.page * 32768::bigint + n AND l.site_id = s.site_id
    WHERE get_bit(s.bits, n) = 1
), reported AS (
    SELECT p.recall_id, l.lot_id, p.computed_at FROM recall_report p JOIN listed l ON l.report_id = p.id
)
SELECT 'no closed exercise' AS problem, NULL::uuid AS id WHERE NOT EXISTS (SELECT FROM recall WHERE kind = 'MOCK' AND closed_at IS NOT NULL)
UNION ALL
SELECT 'a lot that it missed', r.lot_id FROM reached r JOIN recall_report p ON p.recall_id = r.recall_id
WHERE NOT EXISTS (SELECT FROM listed l WHERE l.report_id = p.id AND l.lot_id = r.lot_id)
UNION ALL
SELECT 'used after its report', r.lot_id FROM reported r JOIN transformation_source i ON i.lot_id = r.lot_id
JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id WHERE greatest(t.recorded_at, t.voided_at) > r.computed_at
UNION ALL
SELECT 'held after its report', r.lot_id FROM reported r JOIN hold h ON h.lot_id = r.lot_id WHERE greatest(h.held_at, h.ended_at) > r.computed_at
