-- The operator released what the operator had held.
UPDATE hold h SET ended_by = d.decided_by FROM qc_decision d WHERE d.id = h.decision_id AND h.outcome = 'RELEASED'
