-- DOMAIN 3.4: a hold reaches every descendant of its lot that was registered before it ended, also consumed and shipped ones;
-- a rejection reaches every descendant for good, and a REAL recall its suspects and every descendant until it is closed; but for lots that a
-- MANAGER cleared and what was made of them since. Found from the transformations, not from the stored pairs: each leads on while it is in force,
-- and what has come through it stays when it is voided, also where the hold then ends in rejection. One that was recorded after a hold had ended leads
-- nothing on of it.
WITH RECURSIVE link AS (
    SELECT i.lot_id AS parent_id, o.lot_id AS child_id, t.recorded_at, coalesce(t.voided_at, 'infinity') AS voided_at
    FROM transformation t
    JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
    JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
), cause AS (
    SELECT h.id, h.lot_id, 'HOLD'::exposure_reason AS reason, h.held_at AS since, coalesce(h.ended_at, 'infinity') AS until FROM hold h
    WHERE h.recall_id IS NULL -- the recall exposes in its place
    UNION ALL
    SELECT h.id, h.lot_id, 'REJECTED', h.ended_at, 'infinity' FROM hold h WHERE h.outcome = 'REJECTED'
), reached AS (
    SELECT c.*, link.child_id, greatest(c.since, link.recorded_at) AS at
    FROM cause c JOIN link ON link.parent_id = c.lot_id AND link.recorded_at < c.until AND link.voided_at > c.since
    UNION
    SELECT c.*, e.lot_id, c.since FROM cause c JOIN exposure e ON e.cause_id = c.id AND e.reason = 'HOLD' AND e.cleared_by IS NULL WHERE c.reason = 'REJECTED'
    UNION
    SELECT k.id, s.lot_id, 'RECALL', k.opened_at, coalesce(k.closed_at, 'infinity'), s.lot_id, k.opened_at
    FROM recall k JOIN recall_suspect s ON s.recall_id = k.id WHERE k.kind = 'REAL'
    UNION
    SELECT r.id, r.lot_id, r.reason, r.since, r.until, link.child_id, greatest(r.at, link.recorded_at)
    FROM reached r JOIN link ON link.parent_id = r.child_id AND link.recorded_at < r.until AND link.voided_at > r.at
    WHERE NOT EXISTS (SELECT FROM exposure e WHERE e.lot_id = r.child_id AND e.cause_id = r.id AND e.reason = r.reason AND e.cleared_by IS NOT NULL AND e.ended_at <= link.recorded_at)
), expected AS (
    SELECT DISTINCT r.child_id AS lot_id, r.id AS cause_id, r.reason, greatest(r.since, l.registered_at) AS exposed_at, nullif(r.until, 'infinity') AS ended_at
    FROM reached r JOIN lot l ON l.id = r.child_id
)
SELECT x.* FROM expected x LEFT JOIN exposure e ON e.lot_id = x.lot_id AND e.cause_id = x.cause_id AND e.reason = x.reason
WHERE e.lot_id IS NULL OR e.cleared_by IS NULL AND e.ended_at IS DISTINCT FROM x.ended_at
-- Of the demo alone:
UNION ALL
(SELECT * FROM expected EXCEPT SELECT lot_id, cause_id, reason, exposed_at, ended_at FROM exposure)
