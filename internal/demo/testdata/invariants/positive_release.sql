-- DOMAIN 1 and 3.5: what a positiveRelease gate applies to leaves the site only with its result: a PASS of the lot, or for a
-- line the PASS of the check that follows it, as was known when it was shipped.
WITH RECURSIVE up AS (
    SELECT t.id AS ship_id, t.occurred_at, i.lot_id FROM transformation t JOIN transformation_input i ON i.transformation_id = t.id
    WHERE t.kind = 'SHIP' AND t.voided_at IS NULL
    UNION
    SELECT up.ship_id, up.occurred_at, g.parent_id FROM up JOIN lot_genealogy g ON g.child_id = up.lot_id
), concerned AS (
    SELECT up.occurred_at, l.id, l.code, l.run_id, l.occurred_at AS made_at, g.id AS gate_id, g.number, g.per_lot
    FROM up JOIN lot l ON l.id = up.lot_id
    JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
    JOIN qc_gate g ON g.id = a.gate_id AND g.positive_release
)
SELECT c.code, c.number, c.occurred_at FROM concerned c
WHERE NOT EXISTS (
    SELECT FROM qc_decision d WHERE d.lot_id = c.id AND d.gate_id = c.gate_id AND d.decision = 'PASS' AND d.decided_at <= c.occurred_at)
  AND NOT (NOT c.per_lot AND coalesce((
    SELECT d.decision = 'PASS' FROM qc_decision d
    WHERE d.lot_id IS NULL AND d.run_id = c.run_id AND d.gate_id = c.gate_id AND d.supersedes_id IS NULL AND d.decided_at > c.made_at AND d.decided_at <= c.occurred_at
    ORDER BY d.decided_at LIMIT 1), false))
UNION ALL
SELECT 'nothing was concerned', NULL, NULL WHERE NOT EXISTS (SELECT FROM concerned)
