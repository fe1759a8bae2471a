-- name: RecallsByIDs :many
SELECT * FROM recall WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: RecallsPage :many
-- Newest first.
SELECT * FROM recall r WHERE sqlc.narg('after')::uuid IS NULL OR r.id < sqlc.narg('after') ORDER BY r.id DESC LIMIT @size;

-- name: CountRecalls :one
SELECT count(*) FROM recall;

-- name: SuspectsPageByRecalls :many
SELECT p.recall_id::uuid AS recall_id, sqlc.embed(l)
FROM (
    SELECT k.recall_id, x.lot_id FROM unnest(@recall_ids::uuid[]) AS k(recall_id)
    CROSS JOIN LATERAL (
        SELECT s.lot_id FROM recall_suspect s
        WHERE s.recall_id = k.recall_id AND (sqlc.narg('after')::uuid IS NULL OR s.lot_id > sqlc.narg('after'))
        ORDER BY s.lot_id LIMIT @size
    ) x
) p
JOIN lot l ON l.id = p.lot_id
ORDER BY p.recall_id, l.id;

-- name: CountSuspectsByRecalls :many
SELECT recall_id, count(*) FROM recall_suspect WHERE recall_id = ANY(@recall_ids::uuid[]) GROUP BY recall_id ORDER BY recall_id;

-- name: LotsInScope :many
-- Lots of a site, at most @most of them: those that came from a supplier, under its lot code, were made on a machine or in a span of time,
-- all of which must hold; or are among some.
SELECT l.id FROM lot l
WHERE l.site_id = @site_id
  AND (sqlc.narg('among')::uuid[] IS NULL OR l.id = ANY(sqlc.narg('among')))
  AND (sqlc.narg('supplier_id')::uuid IS NULL OR l.supplier_id = sqlc.narg('supplier_id'))
  AND (sqlc.narg('supplier_lot_code')::text IS NULL OR l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('supplier_lot_code'))
  AND (sqlc.narg('since')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('since'))
  AND (sqlc.narg('until')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('until'))
  AND (sqlc.narg('equipment')::text IS NULL OR l.id IN (
      SELECT o.lot_id FROM transformation t JOIN transformation_output o ON o.transformation_id = t.id AND o.site_id = t.site_id
      WHERE t.equipment = sqlc.narg('equipment') AND t.site_id = @site_id AND t.voided_at IS NULL
  ))
ORDER BY l.id
LIMIT @most;

-- name: InsertRecall :exec
WITH opened AS (
    INSERT INTO recall (id, site_id, code, kind, reason, scope, opened_at, opened_by, open_signature_id, deviation_id)
    VALUES (@id, @site_id, @code, @kind, @reason, @scope, @opened_at, @opened_by, @open_signature_id, @deviation_id)
    RETURNING id, site_id
)
INSERT INTO recall_suspect (recall_id, lot_id, site_id)
SELECT o.id, s.lot_id, o.site_id FROM opened o, unnest(@suspects::uuid[]) AS s(lot_id);

-- name: RecallForChange :one
-- Locked until the transaction ends.
SELECT * FROM recall WHERE id = @id AND site_id = @site_id FOR NO KEY UPDATE;

-- name: CloseRecall :exec
UPDATE recall SET closed_at = @closed_at, closed_by = @closed_by, conclusion = @conclusion, close_signature_id = @close_signature_id
WHERE id = @id AND site_id = @site_id AND closed_at IS NULL;

-- name: SuspectsHeld :many
-- The suspects whose hold by the recall is open.
SELECT l.code FROM hold h JOIN lot l ON l.id = h.lot_id AND l.site_id = h.site_id
WHERE h.recall_id = @recall_id::uuid AND h.site_id = @site_id AND h.ended_at IS NULL
ORDER BY l.code;

-- name: FirstSuspect :one
SELECT l.id, l.run_id FROM recall_suspect s JOIN lot l ON l.id = s.lot_id AND l.site_id = s.site_id
WHERE s.recall_id = @recall_id AND s.site_id = @site_id ORDER BY s.lot_id LIMIT 1;

-- name: SuspectIDs :many
SELECT lot_id FROM recall_suspect WHERE recall_id = @recall_id AND site_id = @site_id ORDER BY lot_id;

-- name: LotsBelow :one
-- The numbers of lots and of all that was made of them, by site, and the snapshot that saw so: for who has no index of the genealogy.
WITH RECURSIVE reached (id, site_id) AS (
    SELECT r.id::uuid AS id, @site_id::integer AS site_id FROM unnest(@root_ids::uuid[]) AS r(id)
    UNION
    SELECT g.child_id, g.site_id FROM reached r JOIN lot_genealogy g ON g.parent_id = r.id
), numbered AS (
    SELECT l.number, l.site_id FROM reached r JOIN lot l ON l.id = r.id AND l.site_id = r.site_id
)
SELECT coalesce(array_agg(n.number), '{}')::bigint[] AS numbers, coalesce(array_agg(n.site_id), '{}')::integer[] AS site_ids,
       pg_current_snapshot()::text AS at, genealogy_store() AS store
FROM numbered n;

-- name: RecallFigures :many
-- Where a set of lots (as numbered_lots has them) is, from one instant: one statement reads all of it.
--
-- Of a lot that isn't intricate its row tells all: it is there, or was used for others, or its one shipment took it whole. Of an intricate one: on
-- site is what remains while it is there; taken is what was sampled or wasted without making a lot of it; shipped is what is still outside (as in
-- MassBalancesByLots), which left by its last shipments; what it lacks then, nobody can say where it went. Where its documents say that more was
-- used than there was, nothing is lacking.
--
-- KNOWN: how many transformations have changed since known_at, 200 at most, and 200 where known_in is another history of them; CHANGED: the
-- number of each lot that these used. STANDS: lots by place and standing. SENT: lots that left, by partner; RECEIVED: what of that is at another site of
-- the company, no more than went there, though scales differ.
WITH changed AS MATERIALIZED (
    SELECT c.id, c.site_id FROM transformations_changed_since(@known_at::text, 200) AS c(id, site_id)
), intricate AS MATERIALIZED (
    SELECT l.id, l.site_id, l.location_id, l.weight_kg, l.status, l.held, greatest(l.remaining_kg, 0) AS kg, coalesce(taken.kg, 0) AS taken_kg, away.kg AS shipped_kg,
           greatest(l.weight_kg - greatest(l.remaining_kg, 0) - coalesce(taken.kg, 0) - coalesce(taken.into_lots, 0) - away.kg, 0) AS lost_kg
    FROM numbered_lots(sqlc.narg('numbers')::bigint[], sqlc.narg('bits')::bytea) l
    LEFT JOIN LATERAL (
        SELECT sum(i.quantity_kg) FILTER (WHERE t.kind IN ('SAMPLE', 'WASTE') AND NOT became.lots) AS kg,
               sum(i.quantity_kg) FILTER (WHERE t.kind NOT IN ('SAMPLE', 'WASTE') OR became.lots) AS into_lots
        FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM transformation_output o WHERE o.transformation_id = t.id AND o.site_id = t.site_id) AS lots) became
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind <> 'SHIP'
    ) taken ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(way.kg ORDER BY way.occurred_at, way.id) FILTER (WHERE way.kg IS NOT NULL) AS kg
        FROM (
            SELECT t.occurred_at, t.id, i.quantity_kg AS kg
            FROM transformation_input i JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
            WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'SHIP'
            UNION ALL
            SELECT t.occurred_at, t.id, -o.quantity_kg
            FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
            WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'RECEIVE'
        ) way
    ) moved ON true
    CROSS JOIN LATERAL (
        SELECT least(outside(moved.kg, l.weight_kg), greatest(l.weight_kg - coalesce(taken.kg, 0) - coalesce(taken.into_lots, 0), 0)) AS kg
    ) away
    WHERE l.intricate
), parted AS MATERIALIZED (
    -- The last shipments first: of what is outside, so much left by each. What is counted and not weighed went without kilograms.
    SELECT s.lot_id, s.site_id, s.partner_id, sum(s.kg) AS kg
    FROM (
        SELECT a.id AS lot_id, a.site_id, t.partner_id, a.weight_kg IS NULL AS counted,
               least(coalesce(i.quantity_kg, 0), greatest(coalesce(a.shipped_kg, 0) - coalesce(sum(i.quantity_kg) OVER later, 0), 0)) AS kg
        FROM intricate a
        JOIN transformation_input i ON i.lot_id = a.id AND i.site_id = a.site_id
        JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id AND t.voided_at IS NULL AND t.kind = 'SHIP'
        WINDOW later AS (PARTITION BY a.id, a.site_id ORDER BY t.occurred_at DESC, t.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ) s
    WHERE s.kg > 0 OR s.counted
    GROUP BY s.lot_id, s.site_id, s.partner_id
), simple AS MATERIALIZED (
    SELECT l.site_id, l.location_id, l.status, l.held, l.shipment_id, count(*) AS lots, sum(l.remaining_kg) AS kg,
           count(*) FILTER (WHERE l.weight_kg IS DISTINCT FROM 0) AS sent_lots, sum(l.weight_kg) AS weighed_kg -- a lot of 0 kg isn't sent
    FROM numbered_lots(sqlc.narg('numbers')::bigint[], sqlc.narg('bits')::bytea) l
    WHERE NOT l.intricate
    GROUP BY l.site_id, l.location_id, l.status, l.held, l.shipment_id
), shipment AS MATERIALIZED (
    SELECT s.id, s.site_id, t.partner_id, s.lots, coalesce(s.kg, 0) AS kg
    FROM (SELECT s.shipment_id AS id, s.site_id, sum(s.sent_lots) AS lots, sum(s.weighed_kg) AS kg FROM simple s WHERE s.sent_lots > 0 GROUP BY 1, 2) s
    CROSS JOIN LATERAL ( -- each by its key, and not by reading all there are: the planner takes them for ten times as many as they are
        SELECT t.partner_id FROM transformation t WHERE t.id = s.id AND t.site_id = s.site_id OFFSET 0
    ) t
), own AS MATERIALIZED ( -- partners that are sites of the company
    SELECT p.id AS partner_id, p.site_id, max(there.id) AS to_site_id FROM partner p JOIN site there ON there.gln = p.gln AND there.id <> p.site_id GROUP BY p.id, p.site_id
), between_sites AS (
    SELECT p.lot_id, p.site_id, p.partner_id, p.kg FROM parted p JOIN own ON own.partner_id = p.partner_id AND own.site_id = p.site_id
    UNION ALL
    SELECT l.id, l.site_id, s.partner_id, coalesce(l.weight_kg, 0)
    FROM shipment s
    JOIN own ON own.partner_id = s.partner_id AND own.site_id = s.site_id
    JOIN transformation_input i ON i.transformation_id = s.id AND i.site_id = s.site_id
    JOIN numbered_lots(sqlc.narg('numbers')::bigint[], sqlc.narg('bits')::bytea) l ON l.id = i.lot_id AND l.site_id = i.site_id AND l.shipment_id = s.id
)
SELECT 'KNOWN'::text AS what, NULL::integer AS site_id, NULL::uuid AS place_id, NULL::lot_status AS status, NULL::boolean AS held,
       CASE WHEN genealogy_store() = @known_in::text THEN (SELECT count(*) FROM changed) ELSE 200 END::bigint AS lots, NULL::numeric AS kg, NULL::numeric AS taken_kg, NULL::numeric AS lost_kg, NULL::integer AS to_site_id
UNION ALL
SELECT 'CHANGED', NULL, NULL, NULL, NULL, l.number, NULL, NULL, NULL, NULL
FROM changed c
CROSS JOIN LATERAL (SELECT o.lot_id FROM transformation_source o WHERE o.transformation_id = c.id AND o.site_id = c.site_id OFFSET 0) o
JOIN lot l ON l.id = o.lot_id
UNION ALL
SELECT 'STANDS', a.site_id, a.location_id, a.status, a.held, count(*), sum(a.kg), sum(a.taken_kg), sum(a.lost_kg), NULL
FROM intricate a GROUP BY a.site_id, a.location_id, a.status, a.held
UNION ALL
SELECT 'STANDS', s.site_id, s.location_id, s.status, s.held, sum(s.lots)::bigint, sum(s.kg), NULL, NULL, NULL FROM simple s GROUP BY s.site_id, s.location_id, s.status, s.held
UNION ALL
SELECT 'SENT', p.site_id, p.partner_id, NULL, NULL, count(*), sum(p.kg), NULL, NULL, NULL FROM parted p GROUP BY p.site_id, p.partner_id
UNION ALL
SELECT 'SENT', s.site_id, s.partner_id, NULL, NULL, sum(s.lots)::bigint, sum(s.kg), NULL, NULL, NULL FROM shipment s GROUP BY s.site_id, s.partner_id
UNION ALL
SELECT 'RECEIVED', b.site_id, b.partner_id, NULL, NULL, count(*) FILTER (WHERE came.kg >= b.kg), sum(least(came.kg, b.kg)), NULL, NULL, own.to_site_id
FROM between_sites b
JOIN own ON own.partner_id = b.partner_id AND own.site_id = b.site_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.quantity_kg), 0) AS kg FROM receipt r JOIN transformation t ON t.id = r.transformation_id AND t.site_id = r.site_id AND t.voided_at IS NULL
    WHERE r.lot_id = b.lot_id AND r.lot_site_id = b.site_id AND r.site_id = own.to_site_id
    HAVING count(*) > 0
) came
GROUP BY b.site_id, b.partner_id, own.to_site_id;

-- name: PlanAnew :exec
-- Each statement of this transaction is planned for what it is given: a million lots aren't looked for as ten are, nor lots by their ids as by their
-- supplier. Compiling it would take longer than it does.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true);

-- name: InsertRecallReport :exec
INSERT INTO recall_report (id, recall_id, site_id, computed_at, computed_by) VALUES (@id, @recall_id, @site_id, @computed_at, @computed_by);

-- name: InsertReportLots :exec
INSERT INTO recall_report_lots (report_id, page, site_id, bits)
SELECT @report_id, p.page, p.site_id, p.bits FROM ROWS FROM (unnest(@pages::integer[]), unnest(@site_ids::integer[]), unnest(@bits::bytea[])) AS p (page, site_id, bits);

-- name: InsertReportSites :exec
INSERT INTO recall_report_site (report_id, site_id, lots, on_site_kg, taken_kg, lost_kg, shipped_off_kg)
SELECT @report_id, s.site_id, s.lots, s.on_site_kg, s.taken_kg, s.lost_kg, s.shipped_off_kg
FROM ROWS FROM (unnest(@site_ids::integer[]), unnest(@lots::integer[]), unnest(@on_site_kg::numeric[]), unnest(@taken_kg::numeric[]), unnest(@lost_kg::numeric[]),
                unnest(@shipped_off_kg::numeric[])) AS s (site_id, lots, on_site_kg, taken_kg, lost_kg, shipped_off_kg);

-- name: InsertReportStock :exec
-- The nil id is no place.
INSERT INTO recall_report_stock (report_id, site_id, location_id, status, lots, kg)
SELECT @report_id, s.site_id, NULLIF(s.location_id, '00000000-0000-0000-0000-000000000000'), s.status, s.lots, s.kg
FROM ROWS FROM (unnest(@site_ids::integer[]), unnest(@location_ids::uuid[]), unnest(@statuses::text[]), unnest(@lots::integer[]), unnest(@kg::numeric[]))
    AS s (site_id, location_id, status, lots, kg);

-- name: InsertReportConsignees :exec
-- Site 0 is none.
INSERT INTO recall_report_consignee (report_id, site_id, partner_id, lots, kg, to_site_id, received_lots, received_kg)
SELECT @report_id, c.site_id, c.partner_id, c.lots, c.kg, NULLIF(c.to_site_id, 0), c.received_lots, c.received_kg
FROM ROWS FROM (unnest(@site_ids::integer[]), unnest(@partner_ids::uuid[]), unnest(@lots::integer[]), unnest(@kg::numeric[]), unnest(@to_site_ids::integer[]),
                unnest(@received_lots::integer[]), unnest(@received_kg::numeric[])) AS c (site_id, partner_id, lots, kg, to_site_id, received_lots, received_kg);

-- name: ReportsByRecalls :many
-- The last report of each recall: its figures at the sites that its reader sees.
SELECT r.*, k.opened_at, f.lots, f.on_site_kg, f.taken_kg, f.lost_kg, f.shipped_off_kg, (f.shipped_off_kg + c.kg)::numeric AS shipped_kg
FROM recall k
CROSS JOIN LATERAL (SELECT * FROM recall_report x WHERE x.recall_id = k.id ORDER BY x.id DESC LIMIT 1) r
CROSS JOIN LATERAL (
    SELECT sum(s.lots)::bigint AS lots, sum(s.on_site_kg)::numeric AS on_site_kg, sum(s.taken_kg)::numeric AS taken_kg,
           sum(s.lost_kg)::numeric AS lost_kg, sum(s.shipped_off_kg)::numeric AS shipped_off_kg
    FROM recall_report_site s WHERE s.report_id = r.id
) f
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.kg - CASE WHEN s.to_site_id IN (SELECT x.id FROM site x) THEN s.received_kg ELSE 0 END), 0)::numeric AS kg
    FROM recall_report_consignee s WHERE s.report_id = r.id
) c
WHERE k.id = ANY(@recall_ids::uuid[])
ORDER BY k.id;

-- name: LotsPageByReports :many
-- By number, which is the order in which they were registered: of those from before lots had numbers nearly so.
WITH a AS (
    SELECT CASE WHEN sqlc.narg('after')::uuid IS NULL THEN -1 ELSE (SELECT l.number FROM lot l WHERE l.id = sqlc.narg('after')) END AS last
)
SELECT p.report_id::uuid AS report_id, sqlc.embed(l)
FROM (
    SELECT k.report_id, x.number FROM unnest(@report_ids::uuid[]) AS k(report_id)
    CROSS JOIN LATERAL (
        SELECT s.page * 32768::bigint + n AS number
        FROM recall_report_lots s CROSS JOIN generate_series(0, 32767) AS n
        WHERE s.report_id = k.report_id AND get_bit(s.bits, n) = 1
          AND s.page >= (SELECT a.last / 32768 FROM a) AND s.page * 32768::bigint + n > (SELECT a.last FROM a)
        ORDER BY s.page, n LIMIT @size
    ) x
) p
JOIN lot l ON l.number = p.number
ORDER BY p.report_id, l.number;

-- name: StockByReports :many
SELECT s.* FROM recall_report_stock s LEFT JOIN location l ON l.id = s.location_id
WHERE s.report_id = ANY(@report_ids::uuid[])
ORDER BY s.report_id, s.site_id, l.code NULLS LAST, s.status;

-- name: ConsigneesByReports :many
-- What is outside, by partner: where the reader sees the site that received it, it isn't.
SELECT s.report_id, s.partner_id, p.name, (s.lots - CASE WHEN seen.here THEN s.received_lots ELSE 0 END)::integer AS lots,
       (s.kg - CASE WHEN seen.here THEN s.received_kg ELSE 0 END)::numeric AS kg
FROM recall_report_consignee s
JOIN partner p ON p.id = s.partner_id AND p.site_id = s.site_id
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM site x WHERE x.id = s.to_site_id) AS here) seen
WHERE s.report_id = ANY(@report_ids::uuid[]) AND (NOT seen.here OR s.lots > s.received_lots)
ORDER BY s.report_id, p.name, s.partner_id;
