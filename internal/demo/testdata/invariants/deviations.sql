-- DOMAIN 1 and 2: each HOLD and FAIL has a deviation, of its gate and run, opened with it and by who decided; a correction may go on with
-- that of what it corrects. Every hold belongs to one. Who verifies one has neither opened, decided nor described it; a closed one
-- says all, by a signature, and each of its lots became what its disposition says.
SELECT 'a decision without one' AS fault, d.id FROM qc_decision d
WHERE d.decision <> 'PASS' AND NOT EXISTS (
    SELECT FROM deviation v WHERE v.id = d.deviation_id AND v.gate_id = d.gate_id AND v.run_id IS NOT DISTINCT FROM d.run_id AND (
        v.opened_at = d.decided_at AND v.opened_by = d.decided_by
        OR EXISTS (SELECT FROM qc_decision o WHERE o.id = d.supersedes_id AND o.deviation_id = v.id)))
UNION ALL
SELECT 'one of two decisions', v.id FROM deviation v
WHERE (SELECT count(*) FROM qc_decision d WHERE d.deviation_id = v.id AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id)) > 1
UNION ALL
SELECT 'one that nothing opened', v.id FROM deviation v
WHERE NOT EXISTS (SELECT FROM qc_decision d WHERE d.deviation_id = v.id) AND NOT EXISTS (SELECT FROM hold h WHERE h.deviation_id = v.id)
UNION ALL
SELECT 'a hold without one', h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id
WHERE h.deviation_id IS NULL OR d.deviation_id <> h.deviation_id
UNION ALL
SELECT 'verified by the same person', v.id FROM deviation v
WHERE v.verified_by = v.opened_by OR v.verified_by = ANY (v.described_by)
   OR EXISTS (SELECT FROM qc_decision d WHERE d.deviation_id = v.id AND d.decided_by = v.verified_by)
UNION ALL
SELECT 'closed without all that it needs', v.id FROM deviation v
WHERE v.closed_at IS NOT NULL AND (
    num_nulls(v.cause, v.corrective_action, v.verification, v.verified_by, v.closed_by, v.close_reason) > 0
    OR NOT EXISTS (SELECT FROM signature s WHERE s.id = v.signature_id AND s.user_id = v.closed_by AND s.meaning = 'closeDeviation' AND s.signed_at = v.closed_at)
    OR NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = v.id AND a.action = 'CLOSE_DEVIATION' AND a.user_id = v.closed_by AND a.signature_id = v.signature_id))
UNION ALL
SELECT 'closed, and a lot became something else', h.id FROM deviation v JOIN hold h ON h.deviation_id = v.id
CROSS JOIN LATERAL (SELECT coalesce(h.disposition, v.disposition)::text AS is) disposition
WHERE v.closed_at IS NOT NULL AND NOT EXISTS (SELECT FROM hold x WHERE x.deviation_id = v.id AND x.lot_id = h.lot_id AND x.id > h.id) AND (
    h.ended_at IS NULL OR h.ended_at > v.closed_at
    OR CASE WHEN disposition.is IN ('RELEASE', 'DOWNGRADE') THEN h.outcome <> 'RELEASED'
            ELSE (h.outcome <> 'REJECTED' OR disposition.is = 'REWORK') AND NOT EXISTS (
                SELECT FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id
                WHERE i.lot_id = h.lot_id AND t.recorded_at BETWEEN v.opened_at AND v.closed_at
                  AND t.kind::text = CASE disposition.is WHEN 'REWORK' THEN 'REWORK' WHEN 'DESTROY' THEN 'WASTE' ELSE 'SHIP' END) END)
UNION ALL
SELECT 'a time out of order', v.id FROM deviation v
WHERE NOT (v.opened_at < coalesce(v.described_at, v.opened_at + interval '1 s') AND coalesce(v.described_at < v.verified_at, true)
    AND coalesce(v.verified_at < v.closed_at, true) AND v.due_at > v.opened_at)
UNION ALL
SELECT 'not in the log', v.id FROM deviation v
WHERE NOT EXISTS (SELECT FROM audit_event a WHERE a.subject_id = v.id AND a.action = 'OPEN_DEVIATION' AND a.user_id = v.opened_by AND a.occurred_at = v.opened_at)
-- Of the demo alone:
UNION ALL
SELECT 'the demo shows no ' || k.status, NULL FROM (VALUES ('OPEN'), ('CLOSED')) AS k(status)
WHERE NOT EXISTS (SELECT FROM deviation v WHERE v.status::text = k.status)
