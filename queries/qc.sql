-- name: DecisionsByIDs :many
SELECT * FROM qc_decision WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: DecisionsPageByLots :many
SELECT d.* FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM qc_decision q
    WHERE q.lot_id = k.lot_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) d
ORDER BY d.lot_id, d.id;

-- name: CountDecisionsByLots :many
SELECT lot_id::uuid AS lot_id, count(*) FROM qc_decision WHERE lot_id = ANY(@lot_ids::uuid[]) GROUP BY lot_id ORDER BY lot_id;

-- name: DecisionsPageByRuns :many
SELECT d.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM qc_decision q
    WHERE q.run_id = k.run_id AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
    ORDER BY q.id LIMIT @size
) d
ORDER BY d.run_id, d.id;

-- name: CountDecisionsByRuns :many
SELECT run_id::uuid AS run_id, count(*) FROM qc_decision WHERE run_id = ANY(@run_ids::uuid[]) GROUP BY run_id ORDER BY run_id;

-- name: DecisionToCorrect :one
-- A decision of a site that is to be corrected, and whether another one corrects it already.
SELECT sqlc.embed(d), EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id) AS superseded
FROM qc_decision d WHERE d.id = @id AND d.site_id = @site_id;

-- name: InsertDecision :exec
INSERT INTO qc_decision (id, site_id, gate_id, run_id, lot_id, decision, equipment, measurements, answers, notes, corrective_action,
                         decided_at, decided_by, supersedes_id, checked_at, deviation_id)
VALUES (@id, @site_id, @gate_id, @run_id, @lot_id, @decision, @equipment, @measurements, @answers, @notes, @corrective_action,
        @decided_at, @decided_by, @supersedes_id, @checked_at, @deviation_id);

-- name: LotsToReassess :many
-- A run's lots of some types whose status gates decide, locked until the transaction ends.
SELECT * FROM lot
WHERE run_id = @run_id::uuid AND site_id = @site_id AND lot_type_id = ANY(@lot_type_ids::uuid[]) AND status IN ('QUARANTINE', 'RELEASED')
ORDER BY id
FOR NO KEY UPDATE;

-- name: BracketedLots :many
-- A run's lots of some types that came into being between the standing PASSes of a gate that are around a span of time, wherever they are now;
-- a single check is a span without length, and one without an end takes in all that came later.
-- A PASS that names no equipment is of the whole line; so is what was made on equipment that nobody named. Without lots that never were: nobody made
-- them, or a correction says so.
SELECT l.id FROM lot l
WHERE l.run_id = @run_id::uuid AND l.site_id = @site_id AND l.lot_type_id = ANY(@lot_type_ids::uuid[])
  AND NOT l.announced AND (l.status <> 'CONSUMED' OR EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL
  ))
  AND l.occurred_at >= coalesce((
      SELECT max(d.checked_at) FROM qc_decision d
      WHERE d.run_id = l.run_id AND d.site_id = l.site_id AND d.gate_id = @gate_id AND d.lot_id IS NULL AND d.decision = 'PASS' AND d.checked_at <= @since
        AND (d.equipment IS NULL OR d.equipment = sqlc.narg('equipment'))
        AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
  ), '-infinity')
  AND l.occurred_at < coalesce((
      SELECT min(d.checked_at) FROM qc_decision d
      WHERE d.run_id = l.run_id AND d.site_id = l.site_id AND d.gate_id = @gate_id AND d.lot_id IS NULL AND d.decision = 'PASS' AND d.checked_at > sqlc.narg('until')
        AND (d.equipment IS NULL OR d.equipment = sqlc.narg('equipment'))
        AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
  ), 'infinity')
  AND (sqlc.narg('equipment')::text IS NULL OR NOT EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.equipment <> sqlc.narg('equipment')
  ))
ORDER BY l.id;

-- name: RunsAtGate :many
-- The runs of a site, in a span of time, that follow the scenario of a gate.
SELECT r.id FROM run r
WHERE r.site_id = @site_id AND r.scenario_id = @scenario_id AND (sqlc.narg('until')::timestamptz IS NULL OR r.started_at < sqlc.narg('until')) AND (r.ended_at IS NULL OR r.ended_at >= @since::timestamptz)
ORDER BY r.id;

-- name: LotsPassedAtGate :many
-- The lots of a site of which a decision of a span of time says, and nobody has corrected it, that they passed a gate of their own.
SELECT DISTINCT d.lot_id::uuid AS id FROM qc_decision d
WHERE d.site_id = @site_id AND d.gate_id = @gate_id AND d.lot_id IS NOT NULL AND d.decision = 'PASS'
  AND d.checked_at >= @since::timestamptz AND (sqlc.narg('until')::timestamptz IS NULL OR d.checked_at < sqlc.narg('until'))
  AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
ORDER BY 1;

-- name: GTINsMade :many
-- The GTINs of what a run makes of some types.
SELECT DISTINCT p.gtin::text AS gtin FROM lot l JOIN product p ON p.id = l.product_id
WHERE l.run_id = @run_id::uuid AND l.site_id = @site_id AND l.lot_type_id = ANY(@lot_type_ids::uuid[]) AND p.gtin IS NOT NULL
ORDER BY 1;

-- name: RecipeCodes :many
-- How the recipe of a product is called: SKU and version, and the SKU and GTIN of each ingredient that it names.
SELECT (p.sku || '-R' || p.recipe_version)::text AS code FROM product p WHERE p.id = @product_id AND p.recipe_version > 0
UNION
SELECT c0.code::text FROM product p
JOIN product_component c ON c.product_id = p.id AND c.version = p.recipe_version
JOIN product i ON i.id = c.component_id
CROSS JOIN LATERAL (VALUES (i.sku), (i.gtin)) AS c0(code)
WHERE p.id = @product_id AND c0.code IS NOT NULL
ORDER BY 1;

-- name: MadeOf :many
-- What went into a lot, by the standing transformations that made it, by lot type and product.
SELECT t.code AS lot_type, l.product_id, sum(coalesce(i.quantity_kg, 0))::numeric AS kg, bool_or(i.quantity_kg IS NULL)::boolean AS unweighed
FROM transformation_output o
JOIN transformation x ON x.id = o.transformation_id AND x.site_id = o.site_id AND x.voided_at IS NULL
JOIN transformation_input i ON i.transformation_id = x.id AND i.site_id = x.site_id
JOIN lot l ON l.id = i.lot_id
JOIN lot_type t ON t.id = l.lot_type_id
WHERE o.lot_id = @lot_id AND o.site_id = @site_id
GROUP BY t.code, l.product_id
ORDER BY t.code, l.product_id;

-- name: MadeWith :one
-- What came out together with a lot, itself included.
SELECT coalesce(sum(a.quantity_kg), 0)::numeric AS kg, coalesce(bool_or(a.quantity_kg IS NULL), true)::boolean AS unweighed
FROM transformation_output o
JOIN transformation x ON x.id = o.transformation_id AND x.site_id = o.site_id AND x.voided_at IS NULL
JOIN transformation_output a ON a.transformation_id = x.id AND a.site_id = x.site_id
WHERE o.lot_id = @lot_id AND o.site_id = @site_id;

-- name: InsertMeasurements :many
-- Gives the ids of those that are new: a probe has one value at a time. Of gates, lots and runs, zeros are none.
INSERT INTO measurement (id, site_id, gate_id, lot_id, run_id, parameter, value, unit, probe, at, recorded_at, recorded_by)
SELECT m.id, @site_id, nullif(m.gate_id, '00000000-0000-0000-0000-000000000000'), nullif(m.lot_id, '00000000-0000-0000-0000-000000000000'),
       nullif(m.run_id, '00000000-0000-0000-0000-000000000000'), m.parameter, m.value, m.unit, m.probe, m.at, @recorded_at, @recorded_by
FROM (
    SELECT unnest(@ids::uuid[]) AS id, unnest(@gate_ids::uuid[]) AS gate_id, unnest(@lot_ids::uuid[]) AS lot_id, unnest(@run_ids::uuid[]) AS run_id,
           unnest(@parameters::text[]) AS parameter, unnest(@values::numeric[]) AS value, unnest(@units::text[]) AS unit,
           unnest(@probes::text[]) AS probe, unnest(@ats::timestamptz[]) AS at
    ORDER BY at, id
) m
ON CONFLICT DO NOTHING
RETURNING id;

-- name: MeasurementsPageByLots :many
-- In the order in which they were recorded, the last ones first where backward.
SELECT m.* FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM measurement q
    WHERE q.lot_id = k.lot_id
      AND (sqlc.narg('gate_number')::numeric IS NULL OR q.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
      AND (sqlc.narg('parameter')::text IS NULL OR q.parameter = sqlc.narg('parameter'))
      AND (sqlc.narg('taken_from')::timestamptz IS NULL OR q.at >= sqlc.narg('taken_from'))
      AND (sqlc.narg('taken_before')::timestamptz IS NULL OR q.at < sqlc.narg('taken_before'))
      AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
      AND (sqlc.narg('before')::uuid IS NULL OR q.id < sqlc.narg('before'))
    ORDER BY CASE WHEN NOT @backward::boolean THEN q.id END, CASE WHEN @backward::boolean THEN q.id END DESC
    LIMIT @size
) m
ORDER BY m.lot_id, CASE WHEN NOT @backward::boolean THEN m.id END, CASE WHEN @backward::boolean THEN m.id END DESC;

-- name: CountMeasurementsByLots :many
-- The same conditions as MeasurementsPageByLots.
SELECT q.lot_id::uuid AS lot_id, count(*) FROM measurement q
WHERE q.lot_id = ANY(@lot_ids::uuid[])
  AND (sqlc.narg('gate_number')::numeric IS NULL OR q.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
  AND (sqlc.narg('parameter')::text IS NULL OR q.parameter = sqlc.narg('parameter'))
  AND (sqlc.narg('taken_from')::timestamptz IS NULL OR q.at >= sqlc.narg('taken_from'))
  AND (sqlc.narg('taken_before')::timestamptz IS NULL OR q.at < sqlc.narg('taken_before'))
GROUP BY q.lot_id ORDER BY q.lot_id;

-- name: MeasurementsPageByLines :many
-- Of the lines of runs, and not of their lots; ordered as MeasurementsPageByLots.
SELECT m.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM measurement q
    WHERE q.run_id = k.run_id AND q.lot_id IS NULL
      AND (sqlc.narg('gate_number')::numeric IS NULL OR q.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
      AND (sqlc.narg('parameter')::text IS NULL OR q.parameter = sqlc.narg('parameter'))
      AND (sqlc.narg('taken_from')::timestamptz IS NULL OR q.at >= sqlc.narg('taken_from'))
      AND (sqlc.narg('taken_before')::timestamptz IS NULL OR q.at < sqlc.narg('taken_before'))
      AND (sqlc.narg('after')::uuid IS NULL OR q.id > sqlc.narg('after'))
      AND (sqlc.narg('before')::uuid IS NULL OR q.id < sqlc.narg('before'))
    ORDER BY CASE WHEN NOT @backward::boolean THEN q.id END, CASE WHEN @backward::boolean THEN q.id END DESC
    LIMIT @size
) m
ORDER BY m.run_id, CASE WHEN NOT @backward::boolean THEN m.id END, CASE WHEN @backward::boolean THEN m.id END DESC;

-- name: CountMeasurementsByLines :many
-- The same conditions as MeasurementsPageByLines.
SELECT q.run_id::uuid AS run_id, count(*) FROM measurement q
WHERE q.run_id = ANY(@run_ids::uuid[]) AND q.lot_id IS NULL
  AND (sqlc.narg('gate_number')::numeric IS NULL OR q.gate_id IN (SELECT g.id FROM qc_gate g WHERE g.number = sqlc.narg('gate_number')))
  AND (sqlc.narg('parameter')::text IS NULL OR q.parameter = sqlc.narg('parameter'))
  AND (sqlc.narg('taken_from')::timestamptz IS NULL OR q.at >= sqlc.narg('taken_from'))
  AND (sqlc.narg('taken_before')::timestamptz IS NULL OR q.at < sqlc.narg('taken_before'))
GROUP BY q.run_id ORDER BY q.run_id;

-- name: MeasurementsOfLot :many
-- What probes read of a lot at a gate since it was last held for what was found there, or was bad there again, or since that hold ended. What was read
-- before is the hold's, and stays with its deviation: after a treatment, what is read anew counts.
SELECT * FROM measurement m
WHERE m.lot_id = @lot_id::uuid AND m.gate_id = @gate_id::uuid AND m.site_id = @site_id
  AND m.at > coalesce((
      SELECT max(greatest(h.held_at, CASE WHEN h.violated_at < @checked_at::timestamptz THEN h.violated_at END, CASE WHEN h.ended_at < @checked_at THEN h.ended_at END))
      FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
      WHERE h.lot_id = @lot_id AND h.site_id = @site_id AND coalesce(d.gate_id, h.gate_id) = @gate_id AND h.recall_id IS NULL AND h.held_at < @checked_at
  ), '-infinity')
ORDER BY m.at, m.id;

-- name: LotBadUntil :one
-- Until when readings at a gate showed a lot to be bad there, or held it, before a check; with the bound of MeasurementsOfLot. No row where none did. A hold
-- that a person's decision opened counts where a reading was bad during it: what that person saw may be in no reading.
SELECT greatest(h.held_at, CASE WHEN h.violated_at < @checked_at::timestamptz THEN h.violated_at END, CASE WHEN h.ended_at < @checked_at THEN h.ended_at END)::timestamptz AS bad_until
FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
WHERE h.lot_id = @lot_id AND h.site_id = @site_id AND coalesce(d.gate_id, h.gate_id) = @gate_id::uuid AND h.recall_id IS NULL AND h.held_at < @checked_at
  AND (h.decision_id IS NULL OR h.violated_at IS NOT NULL)
ORDER BY bad_until DESC LIMIT 1;

-- name: MeasurementsOfLots :many
-- What probes read of each of some lots at a gate of its own, in pairs, since it was last held for what was found there, or since that hold ended: what
-- was read before is the hold's.
SELECT m.* FROM (
    SELECT k.lot_id, k.gate_id, (
        SELECT max(CASE WHEN h.ended_at < @now THEN h.ended_at ELSE h.held_at END)
        FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
        WHERE h.lot_id = k.lot_id AND h.site_id = @site_id AND coalesce(d.gate_id, h.gate_id) = k.gate_id AND h.recall_id IS NULL
    ) AS held_at
    FROM ROWS FROM (unnest(@lot_ids::uuid[]), unnest(@gate_ids::uuid[])) AS k (lot_id, gate_id)
) s
JOIN measurement m ON m.lot_id = s.lot_id AND m.gate_id = s.gate_id AND m.site_id = @site_id AND (s.held_at IS NULL OR m.at > s.held_at)
ORDER BY m.lot_id, m.gate_id, m.at, m.id;

-- name: MeasurementsOfLine :many
-- What probes read of a line at a gate since the check before, until this one.
SELECT * FROM measurement m
WHERE m.run_id = @run_id::uuid AND m.lot_id IS NULL AND m.gate_id = @gate_id::uuid AND m.site_id = @site_id AND m.at <= @checked_at
  AND m.at > coalesce((
      SELECT max(d.checked_at) FROM qc_decision d
      WHERE d.run_id = m.run_id AND d.lot_id IS NULL AND d.gate_id = m.gate_id AND d.site_id = m.site_id AND d.checked_at < @checked_at
  ), '-infinity')
ORDER BY m.at, m.id;
