-- DOMAIN 1: what happened and what was recorded are two times. A lot is made after all its parents, a record is made after the
-- event (in the demo within 15 minutes), a decision after the lot is known, a reading before the decision, and in the demo nothing lies
-- after the end of the history.
SELECT 'child before parent' AS fault, c.code
FROM lot_genealogy g JOIN lot c ON c.id = g.child_id JOIN lot p ON p.id = g.parent_id
WHERE c.occurred_at < p.occurred_at
UNION ALL
SELECT 'record', t.id::text FROM transformation t WHERE t.recorded_at < t.occurred_at
UNION ALL
SELECT 'decision before its lot', l.code FROM qc_decision d JOIN lot l ON l.id = d.lot_id WHERE d.decided_at <= l.registered_at
UNION ALL
SELECT 'reading after its decision', d.id::text FROM qc_decision d CROSS JOIN LATERAL jsonb_array_elements(d.measurements) m WHERE (m ->> 'at')::timestamptz > d.decided_at
UNION ALL
SELECT 'superseded before it was made', d.id::text FROM qc_decision d JOIN qc_decision s ON s.id = d.supersedes_id WHERE d.decided_at <= s.decided_at
UNION ALL
SELECT 'hold before its lot', l.code FROM hold h JOIN lot l ON l.id = h.lot_id WHERE h.held_at < l.registered_at
UNION ALL
SELECT 'outside its run', l.code FROM lot l JOIN run r ON r.id = l.run_id WHERE l.occurred_at < r.started_at
-- Of the demo alone:
UNION ALL
SELECT 'known before its parent', c.code
FROM lot_genealogy g JOIN lot c ON c.id = g.child_id JOIN lot p ON p.id = g.parent_id
WHERE c.occurred_at <= p.occurred_at OR c.registered_at <= p.registered_at
UNION ALL
SELECT 'not when it was made', l.code
FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id JOIN lot l ON l.id = o.lot_id
WHERE t.voided_at IS NULL AND (l.occurred_at <> t.occurred_at OR l.registered_at > t.recorded_at)
UNION ALL
SELECT 'used before it was known', l.code
FROM transformation t JOIN transformation_input i ON i.transformation_id = t.id JOIN lot l ON l.id = i.lot_id
WHERE t.occurred_at < l.registered_at
UNION ALL
SELECT 'record', t.id::text FROM transformation t WHERE t.recorded_at NOT BETWEEN t.occurred_at + interval '1 second' AND t.occurred_at + interval '15 minutes'
UNION ALL
SELECT 'after the end', v.what FROM (
    SELECT max(registered_at) AS at, 'lot' AS what FROM lot UNION ALL SELECT max(recorded_at), 'transformation' FROM transformation
    UNION ALL SELECT max(decided_at), 'decision' FROM qc_decision UNION ALL SELECT max(greatest(held_at, ended_at)), 'hold' FROM hold
    UNION ALL SELECT max(greatest(raised_at, acknowledged_at)), 'alert' FROM alert UNION ALL SELECT max(greatest(started_at, ended_at)), 'run' FROM run) v
WHERE v.at > timestamptz '2026-10-30 13:00 Europe/Budapest'
