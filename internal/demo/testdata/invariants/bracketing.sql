-- DOMAIN 3.5: a check of the line that is not passed, at a gate with bracketing, holds every lot that passed there since the last
-- PASS, also on pallets and on lorries. The demo has such a story, with shipped, released and rejected lots.
WITH failed AS (
    SELECT d.id, d.site_id, d.gate_id, d.run_id, coalesce(s.decided_at, d.decided_at) AS checked_at
    FROM qc_decision d
    LEFT JOIN qc_decision s ON s.id = d.supersedes_id AND s.site_id = d.site_id
    JOIN qc_gate g ON g.id = d.gate_id
    WHERE d.lot_id IS NULL AND d.decision <> 'PASS' AND g.bracketing
), bracket AS (
    SELECT f.id AS decision_id, l.id AS lot_id, l.site_id, l.code
    FROM failed f
    JOIN qc_gate_lot_type a ON a.gate_id = f.gate_id
    JOIN lot l ON l.lot_type_id = a.lot_type_id AND l.run_id = f.run_id AND l.site_id = f.site_id
    WHERE l.occurred_at <= f.checked_at AND l.occurred_at > (
        SELECT max(p.decided_at) FROM qc_decision p
        WHERE p.gate_id = f.gate_id AND p.run_id = f.run_id AND p.lot_id IS NULL AND p.decision = 'PASS' AND p.decided_at < f.checked_at
          AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = p.id AND s.site_id = p.site_id))
)
SELECT b.code FROM bracket b
WHERE NOT EXISTS (SELECT FROM hold h WHERE h.decision_id = b.decision_id AND h.lot_id = b.lot_id AND h.site_id = b.site_id)
UNION ALL
SELECT 'nothing ' || fate FROM unnest(ARRAY['CONSUMED', 'REJECTED']) AS fate
WHERE NOT EXISTS (SELECT FROM bracket b JOIN lot l ON l.id = b.lot_id AND l.site_id = b.site_id WHERE l.status::text = fate)
UNION ALL
SELECT 'nothing SHIPPED' WHERE NOT EXISTS (
    SELECT FROM bracket b JOIN lot_genealogy p ON p.parent_id = b.lot_id JOIN lot_genealogy s ON s.parent_id = p.child_id
    JOIN lot l ON l.id = s.child_id WHERE l.status = 'SHIPPED')
