-- Of the demo alone:
-- The demo is worth tracing: some finished lot or pallet is 8 steps and more from its raw material by the shortest way, a raw
-- lot has dozens of descendants, and lots are split, merged and reworked.
WITH RECURSIVE kin AS (
    SELECT l.id AS root, l.id AS lot_id, 0 AS depth
    FROM lot l JOIN lot_type t ON t.id = l.lot_type_id WHERE t.code = 'PAL'
    UNION
    SELECT k.root, g.parent_id, k.depth + 1 FROM kin k JOIN lot_genealogy g ON g.child_id = k.lot_id WHERE k.depth < 20
), shortest AS (SELECT root, lot_id, min(depth) AS depth FROM kin GROUP BY root, lot_id),
down AS (
    SELECT h.lot_id AS root, g.child_id AS lot_id FROM hold h JOIN lot_genealogy g ON g.parent_id = h.lot_id WHERE h.ended_at IS NULL
    UNION
    SELECT d.root, g.child_id FROM down d JOIN lot_genealogy g ON g.parent_id = d.lot_id
)
SELECT 'no pallet is 8 steps from its raw material' AS fault WHERE coalesce((SELECT max(depth) FROM shortest), 0) < 8
UNION ALL
SELECT 'the lot still held has fewer than 40 descendants' WHERE (SELECT count(DISTINCT lot_id) FROM down) < 40
UNION ALL
SELECT 'no ' || k FROM unnest(enum_range(NULL::transformation_kind)) k WHERE NOT EXISTS (SELECT FROM transformation t WHERE t.kind = k)
