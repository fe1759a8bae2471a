-- DOMAIN 3.5: a check of the line that is not passed, at a gate with bracketing, holds every lot that passed there since the last
-- PASS that stood then, on that equipment, also on pallets and on lorries; not those that never were, as was known then. The demo has such a story, with shipped, released and
-- rejected lots.
WITH failed AS (
    SELECT d.* FROM qc_decision d JOIN qc_gate g ON g.id = d.gate_id WHERE d.lot_id IS NULL AND d.decision <> 'PASS' AND g.bracketing
), bracket AS (
    SELECT f.id AS decision_id, l.id AS lot_id, l.site_id, l.code
    FROM failed f
    JOIN qc_gate_lot_type a ON a.gate_id = f.gate_id
    JOIN lot l ON l.lot_type_id = a.lot_type_id AND l.run_id = f.run_id AND l.site_id = f.site_id
    WHERE l.occurred_at <= f.checked_at AND l.registered_at <= f.decided_at AND l.occurred_at > coalesce((
        SELECT max(p.checked_at) FROM qc_decision p
        WHERE p.gate_id = f.gate_id AND p.run_id = f.run_id AND p.lot_id IS NULL AND p.decision = 'PASS' AND p.checked_at <= f.checked_at AND p.decided_at < f.decided_at
          AND p.id IS DISTINCT FROM f.supersedes_id
          AND (p.equipment IS NULL OR p.equipment = f.equipment)
          AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = p.id AND s.site_id = p.site_id AND s.decided_at <= f.decided_at)), '-infinity')
      AND EXISTS (
        SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id
        WHERE o.lot_id = l.id AND t.recorded_at <= f.decided_at AND (t.voided_at IS NULL OR t.voided_at > f.decided_at))
      AND (f.equipment IS NULL OR NOT EXISTS (
        SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id WHERE o.lot_id = l.id AND t.equipment <> f.equipment))
)
SELECT b.code FROM bracket b
WHERE NOT EXISTS (SELECT FROM hold h WHERE h.decision_id = b.decision_id AND h.lot_id = b.lot_id AND h.site_id = b.site_id)
-- Of the demo alone:
UNION ALL
SELECT 'nothing ' || fate FROM unnest(ARRAY['CONSUMED', 'REJECTED']) AS fate
WHERE NOT EXISTS (SELECT FROM bracket b JOIN lot l ON l.id = b.lot_id AND l.site_id = b.site_id WHERE l.status::text = fate)
UNION ALL
SELECT 'nothing SHIPPED' WHERE NOT EXISTS (
    SELECT FROM bracket b JOIN lot_genealogy p ON p.parent_id = b.lot_id JOIN lot_genealogy s ON s.parent_id = p.child_id
    JOIN lot l ON l.id = s.child_id WHERE l.status = 'SHIPPED')
