-- DOMAIN 2: at a CCP, a hold is released by somebody else than who decided or held, and after a new PASS of the lot at that gate, whose last one
-- somebody else gave, decided after all that was bad there and of no earlier check, or with a documented evaluation, which stands in the reason; in the demo always after a PASS, by a third person.
WITH released AS (
    SELECT h.*, coalesce(d.decided_by, h.held_by) AS decided_by, coalesce(d.checked_at, h.held_at) AS bad_at, g.id AS ccp_id, g.number, l.code
    FROM hold h
    LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
    JOIN qc_gate g ON g.id = coalesce(d.gate_id, h.gate_id) AND g.kind = 'CCP'
    JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
    WHERE h.outcome = 'RELEASED'
), treated AS (
    SELECT DISTINCT ON (h.id) h.id, n.decided_by
    FROM released h JOIN qc_decision n ON n.lot_id = h.lot_id AND n.gate_id = h.ccp_id AND n.decision = 'PASS' AND n.decided_at BETWEEN h.held_at AND h.ended_at
        AND (h.violated_at IS NULL OR n.decided_at > h.violated_at) AND n.checked_at >= h.bad_at
    ORDER BY h.id, n.decided_at DESC, n.id DESC
)
SELECT code, number, ended_at FROM released h LEFT JOIN treated t ON t.id = h.id
WHERE h.ended_by IN (h.held_by, h.decided_by) OR h.ended_by = t.decided_by OR h.end_reason NOT LIKE E'%\nEvaluation: %' AND t.id IS NULL
-- Of the demo alone:
UNION ALL
SELECT code, number, ended_at FROM released h WHERE NOT EXISTS (SELECT FROM treated t WHERE t.id = h.id AND t.decided_by <> h.ended_by)
UNION ALL
SELECT 'no hold was released at a CCP', NULL, NULL WHERE NOT EXISTS (SELECT FROM released)
