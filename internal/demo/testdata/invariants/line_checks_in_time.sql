-- Of the demo alone:
-- DOMAIN 1, frequency: a line is checked before the first lot of a run and after the last one, and in between as often as the
-- gate asks, or an alert says that a check was missed; and between two SKUs where the gate asks for that.
WITH gate AS (SELECT g.*, (g.frequency ->> 'everyMin')::int AS every FROM qc_gate g WHERE NOT g.per_lot),
checks AS (
    SELECT d.run_id, d.gate_id, d.decided_at, lag(d.decided_at) OVER (PARTITION BY d.run_id, d.gate_id ORDER BY d.decided_at) AS before
    FROM qc_decision d JOIN gate ON gate.id = d.gate_id WHERE d.lot_id IS NULL AND d.supersedes_id IS NULL
), passing AS (
    SELECT l.run_id, gate.id AS gate_id, gate.number, l.code, l.occurred_at, l.attributes ->> 'sku' AS sku,
           lag(l.attributes ->> 'sku') OVER w AS sku_before, lag(l.occurred_at) OVER w AS before
    FROM lot l JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id JOIN gate ON gate.id = a.gate_id
    WINDOW w AS (PARTITION BY l.run_id, gate.id ORDER BY l.occurred_at, l.id)
)
SELECT p.code, p.number, 'no check before' AS fault FROM passing p
WHERE p.before IS NULL AND NOT EXISTS (SELECT FROM checks c WHERE c.run_id = p.run_id AND c.gate_id = p.gate_id AND c.decided_at <= p.occurred_at)
UNION ALL
SELECT p.code, p.number, 'no check after' FROM passing p JOIN run r ON r.id = p.run_id
WHERE r.status <> 'RUNNING' AND NOT EXISTS (SELECT FROM checks c WHERE c.run_id = p.run_id AND c.gate_id = p.gate_id AND c.decided_at > p.occurred_at)
UNION ALL
SELECT p.code, p.number, 'no check at the changeover' FROM passing p JOIN gate ON gate.id = p.gate_id
WHERE (gate.frequency ->> 'atChangeover')::boolean AND p.sku <> p.sku_before
  AND NOT EXISTS (SELECT FROM checks c WHERE c.run_id = p.run_id AND c.gate_id = p.gate_id AND c.decided_at BETWEEN p.before AND p.occurred_at)
UNION ALL
SELECT r.code, gate.number, 'late' FROM checks c JOIN gate ON gate.id = c.gate_id JOIN run r ON r.id = c.run_id
WHERE c.decided_at - c.before > make_interval(mins => gate.every)
  AND NOT EXISTS (SELECT FROM alert a WHERE a.run_id = c.run_id AND a.kind = 'CHECK_MISSED' AND a.raised_at BETWEEN c.before AND c.decided_at)
