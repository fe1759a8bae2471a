-- name: RunsByIDs :many
SELECT * FROM run WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: RunByCode :one
SELECT * FROM run WHERE code = @code;

-- name: RunsPage :many
-- Newest first. Planned anew at each call (db.Adhoc): filters that are null and the direction not asked for fold away.
SELECT r.* FROM run r
WHERE (sqlc.narg('site')::text IS NULL OR r.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR r.status::text = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('scenario')::text IS NULL OR r.scenario_id IN (SELECT s.id FROM scenario s WHERE s.key = sqlc.narg('scenario')))
  AND (sqlc.narg('code_prefix')::text IS NULL OR r.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('started_from')::timestamptz IS NULL OR r.started_at >= sqlc.narg('started_from'))
  AND (sqlc.narg('started_before')::timestamptz IS NULL OR r.started_at < sqlc.narg('started_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR r.id < sqlc.narg('after'))
  AND (sqlc.narg('before')::uuid IS NULL OR r.id > sqlc.narg('before'))
ORDER BY CASE WHEN @backward::boolean THEN r.id END, CASE WHEN NOT @backward::boolean THEN r.id END DESC
LIMIT @size;

-- name: CountRuns :one
SELECT count(*) FROM run r
WHERE (sqlc.narg('site')::text IS NULL OR r.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR r.status::text = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('scenario')::text IS NULL OR r.scenario_id IN (SELECT s.id FROM scenario s WHERE s.key = sqlc.narg('scenario')))
  AND (sqlc.narg('code_prefix')::text IS NULL OR r.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('started_from')::timestamptz IS NULL OR r.started_at >= sqlc.narg('started_from'))
  AND (sqlc.narg('started_before')::timestamptz IS NULL OR r.started_at < sqlc.narg('started_before'));

-- name: RunDecisionCounts :many
-- Rule 14's PASS, HOLD and FAIL: decisions that stand, so without those that a later one supersedes.
SELECT d.run_id::uuid AS run_id,
       count(*) FILTER (WHERE d.decision = 'PASS') AS pass,
       count(*) FILTER (WHERE d.decision = 'HOLD') AS hold,
       count(*) FILTER (WHERE d.decision = 'FAIL') AS fail
FROM qc_decision d
WHERE d.run_id = ANY(@run_ids::uuid[])
  AND NOT EXISTS (SELECT FROM qc_decision later WHERE later.supersedes_id = d.id AND later.site_id = d.site_id)
GROUP BY d.run_id
ORDER BY d.run_id;

-- name: RunAlertAndDeviationCounts :many
SELECT r.id::uuid AS run_id,
       (SELECT count(*) FROM alert a WHERE a.run_id = r.id) AS alerts,
       (SELECT count(*) FROM deviation d WHERE d.run_id = r.id) AS deviations
FROM unnest(@run_ids::uuid[]) AS r (id) ORDER BY r.id;

-- name: RunLotCounts :many
-- Without lots that never were, as in RunLotsOfTypes.
SELECT l.run_id::uuid AS run_id, l.lot_type_id, count(*) AS lots, coalesce(sum(l.weight_kg), 0)::numeric(14, 3) AS kg
FROM lot l
WHERE l.run_id = ANY(@run_ids::uuid[])
  AND (l.status <> 'CONSUMED' OR EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL))
GROUP BY l.run_id, l.lot_type_id ORDER BY l.run_id, l.lot_type_id;

-- name: RunMass :many
-- Kilograms that a run took into production (raw materials, and lots that other runs made) and that it made as finished
-- goods, from the transformations in force. What it made itself on the way doesn't count again: raw materials that come out as raw materials went in
-- nowhere yet, and finished goods that it split, merged, packed anew or reworked count once, where they came out last. Whatever goes onto a pallet
-- stays as it is. Each part is found from the run on, as in RunMassBalances.
SELECT k.id::uuid AS run_id, coalesce(sums.in_kg, 0)::numeric(14, 3) AS in_kg, coalesce(sums.out_kg, 0)::numeric(14, 3) AS out_kg
FROM unnest(@run_ids::uuid[]) AS k(id)
CROSS JOIN LATERAL (
    SELECT sum(CASE WHEN came_out.made THEN coalesce(went_in.fresh, 0) - coalesce(came_out.raw, 0) END) AS in_kg,
           sum(coalesce(came_out.finished, 0) - CASE WHEN came_out.remade THEN coalesce(went_in.finished, 0) ELSE 0 END) AS out_kg
    FROM transformation t
    CROSS JOIN LATERAL (
        SELECT sum(i.quantity_kg) FILTER (WHERE lt.role = 'RAW' OR l.run_id IS DISTINCT FROM k.id) AS fresh,
               sum(i.quantity_kg) FILTER (WHERE lt.role = 'FINISHED' AND l.run_id = k.id) AS finished
        FROM transformation_input i JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id JOIN lot_type lt ON lt.id = l.lot_type_id
        WHERE i.transformation_id = t.id AND i.site_id = t.site_id
    ) went_in
    CROSS JOIN LATERAL (
        SELECT sum(o.quantity_kg) FILTER (WHERE lt.role = 'RAW') AS raw, sum(o.quantity_kg) FILTER (WHERE lt.role = 'FINISHED') AS finished,
               bool_or(lt.role <> 'LOGISTIC') AS made, bool_or(lt.role IN ('INTERMEDIATE', 'FINISHED', 'REWORK')) AS remade
        FROM transformation_output o JOIN lot l ON l.id = o.lot_id AND l.site_id = o.site_id JOIN lot_type lt ON lt.id = l.lot_type_id
        WHERE o.transformation_id = t.id AND o.site_id = t.site_id
    ) came_out
    WHERE t.run_id = k.id AND t.voided_at IS NULL AND t.kind NOT IN ('RECEIVE', 'SHIP', 'SAMPLE', 'WASTE')
) sums
ORDER BY k.id;

-- name: RunMassBalances :many
-- What of all that came into runs went where, from the transformations in force. A run's goods are its lots but samples and waste, whose
-- kilograms count where they were taken. What its transformations make of its own goods stays inside: it counts as lost where less
-- came out than went in. Lots that are announced came from nowhere yet. Each part is found from the run on, along indexes: joined as sets, 50
-- runs took more than 2 s where the tables had no statistics.
SELECT k.id::uuid AS run_id,
       (coalesce(came_out.received, 0) + coalesce(went_in.from_outside, 0))::numeric(14, 3) AS in_kg,
       coalesce(taken.consumed, 0)::numeric(14, 3) AS consumed_kg,
       coalesce(taken.shipped, 0)::numeric(14, 3) AS shipped_kg,
       (coalesce(taken.sampled, 0) + coalesce(came_out.sampled, 0))::numeric(14, 3) AS sampled_kg,
       (coalesce(taken.wasted, 0) + coalesce(came_out.wasted, 0))::numeric(14, 3) AS wasted_kg,
       coalesce(goods.remaining, 0)::numeric(14, 3) AS remaining_kg,
       (coalesce(went_in.kg, 0) - coalesce(came_out.kg, 0))::numeric(14, 3) AS lost_kg,
       (coalesce(goods.kg, 0) - coalesce(taken.kg, 0) - coalesce(goods.remaining, 0))::numeric(14, 3) AS unaccounted_kg
FROM unnest(@run_ids::uuid[]) AS k(id)
CROSS JOIN LATERAL (
    SELECT sum(l.weight_kg) AS kg, sum(l.remaining_kg) AS remaining
    FROM lot l JOIN lot_type lt ON lt.id = l.lot_type_id
    WHERE l.run_id = k.id AND NOT l.announced AND lt.role NOT IN ('SAMPLE', 'WASTE')
) goods
CROSS JOIN LATERAL (
    SELECT sum(x.kg) AS kg, sum(x.kg) FILTER (WHERE x.kind NOT IN ('SHIP', 'SAMPLE', 'WASTE') AND x.run_id IS DISTINCT FROM k.id) AS consumed,
           sum(x.kg) FILTER (WHERE x.kind = 'SHIP') AS shipped, sum(x.kg) FILTER (WHERE x.kind = 'SAMPLE') AS sampled,
           sum(x.kg) FILTER (WHERE x.kind = 'WASTE') AS wasted
    FROM lot l JOIN lot_type lt ON lt.id = l.lot_type_id
    CROSS JOIN LATERAL (
        SELECT t.kind, t.run_id, i.quantity_kg AS kg
        FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL
        OFFSET 0
    ) x
    WHERE l.run_id = k.id AND NOT l.announced AND lt.role NOT IN ('SAMPLE', 'WASTE')
) taken
CROSS JOIN LATERAL (
    SELECT sum(x.kg) AS kg, sum(x.kg) FILTER (WHERE x.run_id IS DISTINCT FROM k.id OR x.role IN ('SAMPLE', 'WASTE')) AS from_outside
    FROM transformation t
    CROSS JOIN LATERAL (
        SELECT i.quantity_kg AS kg, l.run_id, lt.role
        FROM transformation_input i JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id JOIN lot_type lt ON lt.id = l.lot_type_id
        WHERE i.transformation_id = t.id AND i.site_id = t.site_id
        OFFSET 0
    ) x
    WHERE t.run_id = k.id AND t.voided_at IS NULL AND t.kind NOT IN ('SHIP', 'SAMPLE', 'WASTE')
) went_in
CROSS JOIN LATERAL (
    SELECT sum(x.kg) FILTER (WHERE t.kind <> 'RECEIVE') AS kg,
           sum(x.kg) FILTER (WHERE t.kind = 'RECEIVE' AND x.role NOT IN ('SAMPLE', 'WASTE')) AS received,
           sum(x.kg) FILTER (WHERE t.kind <> 'RECEIVE' AND x.role = 'SAMPLE') AS sampled,
           sum(x.kg) FILTER (WHERE t.kind <> 'RECEIVE' AND x.role = 'WASTE') AS wasted
    FROM transformation t
    CROSS JOIN LATERAL (
        SELECT o.quantity_kg AS kg, lt.role
        FROM transformation_output o JOIN lot l ON l.id = o.lot_id AND l.site_id = o.site_id JOIN lot_type lt ON lt.id = l.lot_type_id
        WHERE o.transformation_id = t.id AND o.site_id = t.site_id
        OFFSET 0
    ) x
    WHERE t.run_id = k.id AND t.voided_at IS NULL AND t.kind NOT IN ('SHIP', 'SAMPLE', 'WASTE')
) came_out
ORDER BY k.id;

-- name: InsertRun :exec
INSERT INTO run (id, site_id, code, status, scenario_id, phase_id, operator_id, started_at, auto_register)
VALUES (@id, @site_id, @code, 'RUNNING', @scenario_id, @phase_id, @operator_id, @started_at, @auto_register);

-- name: LockRun :one
SELECT * FROM run WHERE id = @id AND site_id = @site_id FOR UPDATE;

-- name: SetRunPhase :exec
UPDATE run SET phase_id = @phase_id, phase_since = @phase_since WHERE id = @id AND site_id = @site_id;

-- name: SetRunStatus :exec
-- A reason stays until there is another one.
UPDATE run SET status = @status, status_reason = coalesce(sqlc.narg('reason'), status_reason), ended_at = coalesce(ended_at, sqlc.narg('ended_at')),
    running_since = coalesce(sqlc.narg('running_since'), running_since)
WHERE id = @id AND site_id = @site_id;

-- name: RunLotsOfTypes :many
-- A run's lots of some types with what may stop them, in the order of their registration; without those that never were: nobody made
-- them, or a correction says so.
SELECT l.id, l.code, l.status, l.held, l.announced, l.registered_at,
       EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) AS exposed
FROM lot l
WHERE l.run_id = @run_id AND l.site_id = @site_id AND l.lot_type_id = ANY(@lot_type_ids::uuid[])
  AND (l.status <> 'CONSUMED' OR EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL))
ORDER BY l.id;

-- name: LastLineChecks :many
-- The standing decision of the last check of a run's line at each of some gates: of the line, for which any counts whatever it was made on, and of each
-- equipment that a check named, for which those count that name it or none.
WITH standing AS (
    SELECT * FROM qc_decision d
    WHERE d.run_id = @run_id AND d.site_id = @site_id AND d.lot_id IS NULL AND d.gate_id = ANY(@gate_ids::uuid[])
      AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
), checked AS (
    SELECT gate_id, equipment FROM standing
    UNION
    SELECT gate_id, NULL FROM standing
)
SELECT DISTINCT ON (c.gate_id, c.equipment) c.gate_id, c.equipment, d.decision
FROM checked c
JOIN standing d ON d.gate_id = c.gate_id AND (c.equipment IS NULL OR d.equipment IS NULL OR d.equipment = c.equipment)
ORDER BY c.gate_id, c.equipment NULLS FIRST, d.checked_at DESC, d.id DESC;

-- name: UnfinishedLotsOfRun :many
-- What nobody has made, or measured; without what was dropped, and what was rejected before it was made: nobody may make or drop it any more.
SELECT code, announced FROM lot
WHERE run_id = @run_id AND site_id = @site_id
  AND CASE WHEN announced THEN status NOT IN ('CONSUMED', 'REJECTED') ELSE num_nonnulls(weight_kg, quantity) = 0 END
ORDER BY id;

-- name: InsertRunPhase :exec
INSERT INTO run_phase (run_id, phase_id, site_id, entered_at, entered_by) VALUES (@run_id, @phase_id, @site_id, @entered_at, @entered_by);

-- name: RunPhases :many
-- The phases that runs have entered, in their order.
SELECT h.* FROM run_phase h JOIN phase p ON p.id = h.phase_id
WHERE h.run_id = ANY(@run_ids::uuid[])
ORDER BY h.run_id, p.number;
