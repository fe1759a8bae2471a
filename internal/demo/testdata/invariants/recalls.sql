-- DOMAIN 1 and 4: a REAL recall is opened by a signature and holds each of its suspects; it is closed, by a signature again, when it holds none. A
-- MOCK one stops nothing. Each has a report of its opening, and one of its end; what a report names is a suspect or was made of one, and no suspect is
-- missing. The log says who opened and who closed it.
WITH RECURSIVE link AS (
    SELECT i.lot_id AS parent_id, o.lot_id AS child_id
    FROM transformation t
    JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
), reported AS (
    SELECT s.report_id, l.id AS lot_id FROM recall_report_lots s
    JOIN lot l ON l.number / 32768 = s.page AND l.site_id = s.site_id
    WHERE get_bit(s.bits, (l.number % 32768)::integer) = 1
), reached AS (
    SELECT s.recall_id, s.lot_id FROM recall_suspect s
    UNION
    SELECT r.recall_id, link.child_id FROM reached r JOIN link ON link.parent_id = r.lot_id
)
SELECT 'nobody signed for its opening' AS problem, k.id FROM recall k
WHERE k.kind = 'REAL' AND NOT EXISTS (SELECT FROM signature s WHERE s.id = k.open_signature_id AND s.user_id = k.opened_by AND s.meaning = 'openRecall')
UNION ALL
SELECT 'nobody signed for its end', k.id FROM recall k
WHERE k.closed_at IS NOT NULL AND NOT EXISTS (SELECT FROM signature s WHERE s.id = k.close_signature_id AND s.user_id = k.closed_by AND s.meaning = 'closeRecall')
UNION ALL
SELECT 'not in the log', k.id FROM recall k
WHERE NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = k.id AND a.action = 'OPEN_RECALL' AND a.user_id = k.opened_by AND a.occurred_at = k.opened_at)
   OR k.closed_at IS NOT NULL AND NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = k.id AND a.action = 'CLOSE_RECALL' AND a.user_id = k.closed_by AND a.occurred_at = k.closed_at)
UNION ALL
SELECT 'a suspect that it did not hold', s.lot_id FROM recall k JOIN recall_suspect s ON s.recall_id = k.id
WHERE k.kind = 'REAL' AND NOT EXISTS (SELECT FROM hold h WHERE h.recall_id = k.id AND h.lot_id = s.lot_id AND h.held_at = k.opened_at)
UNION ALL
SELECT 'an exercise that stops', k.id FROM recall k
WHERE k.kind = 'MOCK' AND (EXISTS (SELECT FROM hold h WHERE h.recall_id = k.id) OR EXISTS (SELECT FROM exposure x WHERE x.cause_id = k.id))
UNION ALL
SELECT 'closed while it held a lot', h.lot_id FROM recall k JOIN hold h ON h.recall_id = k.id WHERE k.closed_at IS NOT NULL AND (h.ended_at > k.closed_at) IS NOT FALSE
UNION ALL
SELECT 'without its first or last report', k.id FROM recall k
WHERE NOT EXISTS (SELECT FROM recall_report p WHERE p.recall_id = k.id AND p.computed_at = k.opened_at)
   OR k.closed_at IS NOT NULL AND k.closed_at IS DISTINCT FROM (SELECT max(p.computed_at) FROM recall_report p WHERE p.recall_id = k.id)
UNION ALL
SELECT 'a suspect that a report misses', s.lot_id FROM recall_suspect s JOIN recall_report p ON p.recall_id = s.recall_id
WHERE NOT EXISTS (SELECT FROM reported l WHERE l.report_id = p.id AND l.lot_id = s.lot_id)
UNION ALL
SELECT 'a lot that was not made of a suspect', l.lot_id FROM recall_report p JOIN reported l ON l.report_id = p.id
WHERE NOT EXISTS (SELECT FROM reached r WHERE r.recall_id = p.recall_id AND r.lot_id = l.lot_id)
