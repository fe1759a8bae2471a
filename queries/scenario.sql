-- name: ScenariosByIDs :many
SELECT * FROM scenario WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: ScenarioByKey :one
SELECT * FROM scenario
WHERE key = @key AND CASE WHEN sqlc.narg('version')::text IS NULL THEN status = 'PUBLISHED' ELSE version = sqlc.narg('version') END;

-- name: ScenariosPage :many
SELECT * FROM scenario
WHERE sqlc.narg('after')::uuid IS NULL OR id > sqlc.narg('after')
ORDER BY id
LIMIT @size;

-- name: CountScenarios :one
SELECT count(*) FROM scenario;

-- name: StreamsByIDs :many
SELECT * FROM stream WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: StreamsByScenarios :many
SELECT * FROM stream WHERE scenario_id = ANY(@scenario_ids::uuid[]) ORDER BY scenario_id, sort_order;

-- name: PhasesByIDs :many
SELECT * FROM phase WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: PhasesByScenarios :many
SELECT * FROM phase WHERE scenario_id = ANY(@scenario_ids::uuid[]) ORDER BY scenario_id, number;

-- name: LotTypesByIDs :many
SELECT * FROM lot_type WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LotTypesByScenarios :many
SELECT * FROM lot_type WHERE scenario_id = ANY(@scenario_ids::uuid[]) ORDER BY scenario_id, sort_order;

-- name: GatesByIDs :many
SELECT * FROM qc_gate WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: GatesByScenarios :many
SELECT * FROM qc_gate WHERE scenario_id = ANY(@scenario_ids::uuid[]) ORDER BY scenario_id, number;

-- name: GatesByPhases :many
SELECT * FROM qc_gate WHERE phase_id = ANY(@phase_ids::uuid[]) ORDER BY phase_id, number;

-- name: LotTypesByGates :many
SELECT gt.gate_id, sqlc.embed(t)
FROM qc_gate_lot_type gt JOIN lot_type t ON t.id = gt.lot_type_id
WHERE gt.gate_id = ANY(@gate_ids::uuid[])
ORDER BY gt.gate_id, t.sort_order;

-- name: InsertScenario :exec
INSERT INTO scenario (id, key, version, name, description, status, definition)
VALUES (@id, @key, @version, @name, @description, @status, @definition);

-- name: InsertStream :exec
INSERT INTO stream (id, scenario_id, key, name, color, sort_order)
VALUES (@id, @scenario_id, @key, @name, @color, @sort_order);

-- name: InsertPhase :exec
INSERT INTO phase (id, scenario_id, stream_id, number, name)
VALUES (@id, @scenario_id, @stream_id, @number, @name);

-- name: InsertLotType :exec
INSERT INTO lot_type (id, scenario_id, code, name, role, unit, shelf_life_days, max_lot_kg, sort_order)
VALUES (@id, @scenario_id, @code, @name, @role, @unit, @shelf_life_days, @max_lot_kg, @sort_order);

-- name: InsertGate :exec
INSERT INTO qc_gate (id, scenario_id, phase_id, number, name, kind, mode, per_lot, bracketing, positive_release, frequency, limits, checklist)
VALUES (@id, @scenario_id, @phase_id, @number, @name, @kind, @mode, @per_lot, @bracketing, @positive_release, @frequency, @limits, @checklist);

-- name: InsertGateLotType :exec
INSERT INTO qc_gate_lot_type (gate_id, lot_type_id) VALUES (@gate_id, @lot_type_id);

-- name: VesselLotTypes :many
-- Of some lot types, or of all, those that lie in a vessel which is filled continuously and never quite emptied.
SELECT t.id FROM lot_type t JOIN scenario s ON s.id = t.scenario_id
WHERE (sqlc.narg('ids')::uuid[] IS NULL OR t.id = ANY(sqlc.narg('ids')::uuid[])) AND s.definition -> 'rules' @> jsonb_build_array(jsonb_build_object('type', 'CONTINUOUS_VESSEL', 'lotType', t.code))
ORDER BY t.id;

-- name: PublishedLotTypes :many
-- The lot types of this code in published scenarios, or in the one that has this key.
SELECT t.id, t.scenario_id::uuid AS scenario_id, s.key FROM lot_type t JOIN scenario s ON s.id = t.scenario_id
WHERE t.code = @code AND s.status = 'PUBLISHED' AND (sqlc.narg('key')::text IS NULL OR s.key = sqlc.narg('key'))
ORDER BY s.key;

-- name: LockScenario :many
-- All versions of the scenario that a version is of, until the transaction ends: of those who change them, one at a time. Runs
-- may begin meanwhile.
SELECT * FROM scenario WHERE key = (SELECT s.key FROM scenario s WHERE s.id = @id) ORDER BY id FOR NO KEY UPDATE;

-- name: SetScenarioStatus :execrows
UPDATE scenario SET status = @status WHERE id = @id AND status = @before;

-- name: ChangeDraft :execrows
UPDATE scenario SET version = @version, name = @name, description = @description, definition = @definition
WHERE id = @id AND status = 'DRAFT';

-- name: DropDraftParts :exec
SELECT drop_draft_parts(@id);
