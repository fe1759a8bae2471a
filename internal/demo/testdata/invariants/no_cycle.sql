-- DOMAIN 3.7: the genealogy has no cycle.
WITH RECURSIVE walk AS (
    SELECT g.parent_id, g.child_id FROM lot_genealogy g
), path AS (
    SELECT l.id AS lot_id, 0 AS depth FROM lot l WHERE NOT EXISTS (SELECT FROM walk w WHERE w.child_id = l.id)
    UNION
    SELECT w.child_id, path.depth + 1 FROM path JOIN walk w ON w.parent_id = path.lot_id WHERE path.depth < 100
)
-- A lot on a cycle, or made only of such lots, is reached from no lot without parents; one reached after 100 steps lies
-- behind a cycle too, since no chain of the demo is that long.
SELECT l.code FROM lot l WHERE NOT EXISTS (SELECT FROM path WHERE path.lot_id = l.id AND path.depth < 100)
UNION
SELECT l.code FROM path JOIN lot l ON l.id = path.lot_id WHERE path.depth = 100
