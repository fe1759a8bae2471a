-- DOMAIN 1 and 3.5: what a positiveRelease gate applies to leaves the site only with its result: a PASS of the lot (a hold that was
-- released counts as one), or for a line the PASS of the check that follows it, on what it was made on, as was known when it was shipped. What a correction says
-- was shipped without it is held.
WITH RECURSIVE up AS (
    SELECT t.id AS ship_id, coalesce(o.voided_at, t.occurred_at) AS occurred_at, i.lot_id
    FROM transformation t JOIN transformation_input i ON i.transformation_id = t.id LEFT JOIN transformation o ON o.replaced_by_id = t.id
    WHERE t.kind = 'SHIP' AND t.voided_at IS NULL
      AND (o.id IS NULL OR NOT EXISTS (SELECT FROM hold h WHERE h.lot_id = i.lot_id AND h.held_at <= t.recorded_at AND coalesce(h.ended_at, 'infinity') >= t.recorded_at))
    UNION
    SELECT up.ship_id, up.occurred_at, i.lot_id FROM up
    JOIN transformation_output o ON o.lot_id = up.lot_id
    JOIN transformation t ON t.id = o.transformation_id AND t.recorded_at <= up.occurred_at AND coalesce(t.voided_at > up.occurred_at, true)
    JOIN transformation_input i ON i.transformation_id = t.id
), concerned AS (
    SELECT up.occurred_at, l.id, l.code, l.run_id, l.occurred_at AS made_at, g.id AS gate_id, g.number, g.per_lot, made.equipment
    FROM up JOIN lot l ON l.id = up.lot_id
    JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
    JOIN qc_gate g ON g.id = a.gate_id AND g.positive_release
    LEFT JOIN LATERAL (
        SELECT t.equipment FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
        WHERE o.lot_id = l.id AND t.equipment IS NOT NULL AND t.recorded_at <= up.occurred_at AND coalesce(t.voided_at > up.occurred_at, true) LIMIT 1
    ) made ON true
)
SELECT c.code, c.number, c.occurred_at FROM concerned c
WHERE NOT coalesce((
    SELECT x.passed FROM (
        SELECT d.decision = 'PASS' AS passed, d.decided_at AS at, d.id FROM qc_decision d WHERE d.lot_id = c.id AND d.gate_id = c.gate_id AND d.decided_at <= c.occurred_at
        UNION ALL
        SELECT true, h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
        WHERE h.lot_id = c.id AND coalesce(d.gate_id, h.gate_id) = c.gate_id AND h.recall_id IS NULL AND h.outcome = 'RELEASED' AND h.ended_at <= c.occurred_at
    ) x ORDER BY x.at DESC, x.id DESC LIMIT 1),
    NOT c.per_lot AND (
    SELECT d.decision = 'PASS' FROM qc_decision d
    WHERE d.lot_id IS NULL AND d.run_id = c.run_id AND d.gate_id = c.gate_id AND d.checked_at > c.made_at AND d.decided_at <= c.occurred_at
      AND (d.equipment IS NULL OR c.equipment IS NULL OR d.equipment = c.equipment)
    ORDER BY d.checked_at, d.decided_at DESC LIMIT 1), false)
-- Of the demo alone:
UNION ALL
SELECT 'nothing was concerned', NULL, NULL WHERE NOT EXISTS (SELECT FROM concerned)
