-- DOMAIN 3.4: nothing else is exposed, and an exposure ends when its cause does, or when a MANAGER clears it; voiding the transformation
-- through which it came doesn't end it. The other side of exposure_complete.
WITH RECURSIVE link AS (
    SELECT i.lot_id AS parent_id, o.lot_id AS child_id
    FROM transformation t
    JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
), up AS (
    SELECT e.lot_id, e.cause_id, e.reason, link.parent_id FROM exposure e JOIN link ON link.child_id = e.lot_id
    UNION
    SELECT u.lot_id, u.cause_id, u.reason, link.parent_id FROM up u JOIN link ON link.child_id = u.parent_id
)
SELECT e.lot_id, e.cause_id, e.reason, 'no such cause' AS fault
FROM exposure e
LEFT JOIN hold h ON h.id = e.cause_id AND h.site_id = e.cause_site_id AND h.lot_id = e.cause_lot_id AND e.reason <> 'RECALL'
LEFT JOIN recall_suspect s ON s.recall_id = e.cause_id AND s.site_id = e.cause_site_id AND s.lot_id = e.cause_lot_id AND e.reason = 'RECALL'
WHERE h.id IS NULL AND s.lot_id IS NULL
UNION ALL
SELECT e.lot_id, e.cause_id, e.reason, 'not made of it'
FROM exposure e
WHERE NOT (e.reason = 'RECALL' AND e.lot_id = e.cause_lot_id) -- a suspect
  AND NOT EXISTS (SELECT FROM up WHERE up.lot_id = e.lot_id AND up.cause_id = e.cause_id AND up.reason = e.reason AND up.parent_id = e.cause_lot_id)
UNION ALL
SELECT e.lot_id, e.cause_id, e.reason, 'does not end with its cause'
FROM exposure e JOIN hold h ON h.id = e.cause_id
WHERE e.reason = 'HOLD' AND e.cleared_by IS NULL AND e.ended_at IS DISTINCT FROM h.ended_at
   OR e.reason = 'REJECTED' AND (h.outcome IS DISTINCT FROM 'REJECTED' OR e.cleared_by IS NULL AND e.ended_at IS NOT NULL)
UNION ALL
SELECT e.lot_id, e.cause_id, e.reason, 'does not end with its recall'
FROM exposure e JOIN recall k ON k.id = e.cause_id
WHERE k.kind = 'MOCK' OR e.cleared_by IS NULL AND e.ended_at IS DISTINCT FROM k.closed_at
