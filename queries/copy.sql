-- Whole histories go in by COPY: the demo, the bench data set, and documents of others.

-- name: CopyRuns :copyfrom
INSERT INTO run (id, site_id, code, status, status_reason, scenario_id, phase_id, operator_id, started_at, ended_at, auto_register)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: CopyRunPhases :copyfrom
INSERT INTO run_phase (run_id, phase_id, site_id, entered_at, entered_by) VALUES ($1, $2, $3, $4, $5);

-- name: CopyLots :copyfrom
INSERT INTO lot (id, site_id, code, gs1_key, lot_type_id, status, source, weight_kg, remaining_kg, quantity, remaining_quantity, unit,
                 temperature_c, attributes, supplier_id, run_id, phase_id, occurred_at, registered_at, registered_by,
                 announced)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21);

-- name: CopyTransformations :copyfrom
INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at, run_id, phase_id, partner_id, voided_at, void_reason, replaced_by_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: CopyTransformationInputs :copyfrom
INSERT INTO transformation_input (transformation_id, lot_id, site_id, quantity_kg, quantity, unit) VALUES ($1, $2, $3, $4, $5, $6);

-- name: CopyTransformationOutputs :copyfrom
INSERT INTO transformation_output (transformation_id, lot_id, site_id, quantity_kg, quantity, unit) VALUES ($1, $2, $3, $4, $5, $6);

-- name: CopyGenealogy :copyfrom
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id) VALUES ($1, $2, $3, $4, $5);

-- name: CopyContainments :copyfrom
INSERT INTO lot_containment (container_id, lot_id, site_id, added_at, removed_at, quantity_kg, quantity, unit)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CopyDecisions :copyfrom
INSERT INTO qc_decision (id, site_id, gate_id, run_id, lot_id, decision, equipment, measurements, answers, notes, corrective_action,
                         decided_at, decided_by, supersedes_id, checked_at, deviation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: CopyHolds :copyfrom
INSERT INTO hold (id, site_id, lot_id, reason, decision_id, held_at, held_by, ended_at, ended_by, outcome, end_reason, deviation_id, disposition)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: CopyDeviations :copyfrom
INSERT INTO deviation (id, site_id, code, severity, description, gate_id, run_id, opened_at, opened_by, due_at, responsible_id, cause, corrective_action,
                       disposition, described_at, described_by, verification, verified_at, verified_by, close_reason, closed_at, closed_by, signature_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23);

-- name: CopyExposures :copyfrom
INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CopyAlerts :copyfrom
INSERT INTO alert (id, site_id, kind, severity, message, lot_id, run_id, raised_at, acknowledged_at, acknowledged_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: CopyPartners :copyfrom
INSERT INTO partner (id, site_id, name, gln, identifier, address) VALUES ($1, $2, $3, $4, $5, $6);

-- name: CopyEpcisEvents :copyfrom
INSERT INTO epcis_event (identity, site_id, digest, transformation_key, transformation_id, file, line, occurred_at, imported_at, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: CopyEpcisItems :copyfrom
INSERT INTO epcis_item (event_identity, lot_id, role, site_id, instance, quantity_kg, quantity, unit) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: TellStandings :exec
-- Of all lots, whether they are intricate and which shipment took them.
SELECT tell_standings();
