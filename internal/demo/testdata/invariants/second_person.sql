-- DOMAIN 2: at a CCP, a hold is released by somebody else than who decided; in the demo after a new PASS of the lot at that gate.
WITH released AS (
    SELECT h.*, d.decided_by, g.id AS ccp_id, g.number, l.code
    FROM hold h
    JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
    JOIN qc_gate g ON g.id = d.gate_id AND g.kind = 'CCP'
    JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
    WHERE h.outcome = 'RELEASED'
)
SELECT code, number, ended_at FROM released WHERE ended_by = decided_by
-- Of the demo alone:
UNION ALL
SELECT code, number, ended_at FROM released h
WHERE NOT EXISTS (SELECT FROM qc_decision n WHERE n.lot_id = h.lot_id AND n.gate_id = h.ccp_id AND n.decision = 'PASS'
                  AND n.decided_at BETWEEN h.held_at AND h.ended_at AND n.decided_by <> h.ended_by)
UNION ALL
SELECT 'no hold was released at a CCP', NULL, NULL WHERE NOT EXISTS (SELECT FROM released)
