-- DOMAIN 1 and 2: a closed mock recall is there, signed by who closed it and in the log; it found each lot that was made of its suspects, and
-- what it says of them still holds: none was made, used or held since. It stopped nothing.
WITH RECURSIVE reached AS (
    SELECT s.recall_id, s.lot_id FROM recall_suspect s
    UNION
    SELECT r.recall_id, g.child_id FROM reached r JOIN lot_genealogy g ON g.parent_id = r.lot_id
), reported AS (
    SELECT p.recall_id, l.lot_id, p.computed_at FROM recall_report p JOIN recall_report_lot l ON l.report_id = p.id
)
SELECT 'no closed exercise' AS problem, NULL::uuid AS id WHERE NOT EXISTS (SELECT FROM recall WHERE kind = 'MOCK' AND closed_at IS NOT NULL)
UNION ALL
SELECT 'a lot that it missed', r.lot_id FROM reached r JOIN recall_report p ON p.recall_id = r.recall_id
WHERE NOT EXISTS (SELECT FROM recall_report_lot l WHERE l.report_id = p.id AND l.lot_id = r.lot_id)
UNION ALL
SELECT 'a lot that isn''t of it', r.lot_id FROM reported r WHERE NOT EXISTS (SELECT FROM reached x WHERE x.recall_id = r.recall_id AND x.lot_id = r.lot_id)
UNION ALL
SELECT 'used after its report', r.lot_id FROM reported r JOIN transformation_source i ON i.lot_id = r.lot_id
JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id WHERE greatest(t.recorded_at, t.voided_at) > r.computed_at
UNION ALL
SELECT 'held after its report', r.lot_id FROM reported r JOIN hold h ON h.lot_id = r.lot_id WHERE greatest(h.held_at, h.ended_at) > r.computed_at
UNION ALL
SELECT 'an exercise that stops', r.id FROM recall r WHERE EXISTS (SELECT FROM hold h WHERE h.recall_id = r.id) OR EXISTS (SELECT FROM exposure x WHERE x.cause_id = r.id)
UNION ALL
SELECT 'closed without a signature or not in the log', r.id FROM recall r WHERE r.closed_at IS NOT NULL AND (
    NOT EXISTS (SELECT FROM signature s WHERE s.id = r.close_signature_id AND s.user_id = r.closed_by AND s.meaning = 'closeRecall' AND s.signed_at = r.closed_at)
    OR NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = r.id AND a.action = 'CLOSE_RECALL' AND a.user_id = r.closed_by AND a.signature_id = r.close_signature_id)
    OR NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = r.id AND a.action = 'OPEN_RECALL' AND a.user_id = r.opened_by AND a.occurred_at = r.opened_at))
