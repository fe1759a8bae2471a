-- DOMAIN 2, 3.1 and 3.5: a lot that passed a line with a BLOCKING check was used only when the last check before it and the
-- first one after it were a PASS, as was known then, or the lot had a PASS of its own. A decision that supersedes another is
-- about the same check.
WITH RECURSIVE chain AS (
    SELECT d.id, d.site_id, d.gate_id, d.run_id, d.decided_at AS checked_at, d.decided_at, d.decision
    FROM qc_decision d WHERE d.lot_id IS NULL AND d.supersedes_id IS NULL
    UNION ALL
    SELECT d.id, d.site_id, c.gate_id, c.run_id, c.checked_at, d.decided_at, d.decision
    FROM chain c JOIN qc_decision d ON d.supersedes_id = c.id AND d.site_id = c.site_id
)
SELECT l.code, t.kind, t.occurred_at, g.number
FROM transformation t
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.mode = 'BLOCKING' AND NOT g.per_lot
CROSS JOIN LATERAL (
    SELECT coalesce(
        (SELECT d.decision = 'PASS' FROM qc_decision d
         WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.decided_at <= t.occurred_at
         ORDER BY d.decided_at DESC, d.id DESC LIMIT 1),
        (SELECT c.decision = 'PASS' FROM chain c
         WHERE c.run_id = l.run_id AND c.site_id = l.site_id AND c.gate_id = g.id AND c.checked_at <= l.occurred_at AND c.decided_at <= t.occurred_at
         ORDER BY c.checked_at DESC, c.decided_at DESC LIMIT 1)
        AND
        (SELECT c.decision = 'PASS' FROM chain c
         WHERE c.run_id = l.run_id AND c.site_id = l.site_id AND c.gate_id = g.id AND c.checked_at > l.occurred_at AND c.decided_at <= t.occurred_at
         ORDER BY c.checked_at, c.decided_at DESC LIMIT 1),
        false) AS passed
) known
WHERE t.voided_at IS NULL AND t.kind NOT IN ('SAMPLE', 'WASTE') AND NOT known.passed
