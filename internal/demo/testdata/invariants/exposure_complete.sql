-- DOMAIN 3.4: a hold reaches every descendant of its lot that was registered before it ended, also consumed and shipped ones;
-- a rejection reaches every descendant for good. Found from the transformations in force, not from the stored pairs.
WITH RECURSIVE link AS (
    SELECT i.lot_id AS parent_id, o.lot_id AS child_id
    FROM transformation t
    JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
    WHERE t.voided_at IS NULL
), reached AS (
    SELECT h.id AS hold_id, link.child_id AS lot_id FROM hold h JOIN link ON link.parent_id = h.lot_id
    UNION
    SELECT r.hold_id, link.child_id FROM reached r JOIN link ON link.parent_id = r.lot_id
), expected AS (
    SELECT r.lot_id, h.id AS cause_id, 'HOLD'::exposure_reason AS reason, greatest(h.held_at, l.registered_at) AS exposed_at, h.ended_at
    FROM reached r JOIN hold h ON h.id = r.hold_id JOIN lot l ON l.id = r.lot_id
    WHERE h.ended_at IS NULL OR l.registered_at < h.ended_at
    UNION ALL
    SELECT r.lot_id, h.id, 'REJECTED', greatest(h.ended_at, l.registered_at), NULL
    FROM reached r JOIN hold h ON h.id = r.hold_id JOIN lot l ON l.id = r.lot_id
    WHERE h.outcome = 'REJECTED'
)
SELECT * FROM expected
EXCEPT
SELECT lot_id, cause_id, reason, exposed_at, ended_at FROM exposure
