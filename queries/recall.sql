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

-- name: WriteRecallReport :one
-- Where the suspects of a recall are and all that was made of them, from one instant: one statement reads and writes all of it. Sees as far
-- as the transaction does (SeeSitesBelow). Gives what who sees the recall's site alone may know: its log has it.
--
-- Of a lot: on site is what remains while it is there; taken is what was sampled or wasted without making a lot of it; shipped is what is still
-- outside (as in MassBalancesByLots), which left by its last shipments; what it lacks then, nobody can say where it went. Where its documents say that
-- more was used than there was, nothing is lacking.
WITH RECURSIVE reached (lot_id, site_id) AS (
    SELECT s.lot_id, s.site_id FROM recall_suspect s WHERE s.recall_id = @recall_id AND s.site_id = @site_id
    UNION
    SELECT g.child_id, g.site_id FROM reached r JOIN lot_genealogy g ON g.parent_id = r.lot_id
), made AS (
    INSERT INTO recall_report (id, recall_id, site_id, computed_at, computed_by) VALUES (@id, @recall_id, @site_id, @computed_at, @computed_by)
), listed AS (
    INSERT INTO recall_report_lot (report_id, lot_id, site_id) SELECT @id, r.lot_id, r.site_id FROM reached r
), amount AS MATERIALIZED (
    SELECT l.id, l.site_id, l.location_id, l.weight_kg,
           CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END AS status,
           l.status NOT IN ('CONSUMED', 'SHIPPED') AS here,
           CASE WHEN l.status NOT IN ('CONSUMED', 'SHIPPED') THEN greatest(coalesce(l.remaining_kg, 0), 0) ELSE 0 END AS kg,
           coalesce(taken.kg, 0) AS taken_kg,
           least(outside(moved.kg, l.weight_kg), greatest(l.weight_kg - coalesce(taken.kg, 0) - coalesce(taken.into_lots, 0), 0)) AS shipped_kg,
           greatest(l.weight_kg - greatest(l.remaining_kg, 0) - coalesce(taken.kg, 0) - coalesce(taken.into_lots, 0)
               - least(outside(moved.kg, l.weight_kg), greatest(l.weight_kg - coalesce(taken.kg, 0) - coalesce(taken.into_lots, 0), 0)), 0) AS lost_kg
    FROM reached r
    JOIN lot l ON l.id = r.lot_id AND l.site_id = r.site_id
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
), shipment AS (
    -- The last shipments first: of what is outside, so much left by each. What is counted and not weighed went without kilograms.
    SELECT a.id AS lot_id, a.site_id, t.partner_id,
           least(coalesce(i.quantity_kg, 0), greatest(coalesce(a.shipped_kg, 0) - coalesce(sum(i.quantity_kg) OVER later, 0), 0)) AS kg,
           a.weight_kg IS NULL AS counted
    FROM amount a
    JOIN transformation_input i ON i.lot_id = a.id AND i.site_id = a.site_id
    JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id AND t.voided_at IS NULL AND t.kind = 'SHIP'
    WINDOW later AS (PARTITION BY a.id, a.site_id ORDER BY t.occurred_at DESC, t.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), consigned AS (
    SELECT s.lot_id, s.site_id, s.partner_id, sum(s.kg) AS kg, bool_or(s.counted) AS counted, max(there.id) AS to_site_id
    FROM shipment s
    LEFT JOIN partner p ON p.id = s.partner_id AND p.site_id = s.site_id
    LEFT JOIN site there ON there.gln = p.gln AND there.id <> p.site_id
    WHERE s.kg > 0 OR s.counted
    GROUP BY s.lot_id, s.site_id, s.partner_id
), consignment AS (
    -- With what the other site has received: no more than went there, though scales differ.
    SELECT c.*, least(coalesce(came.kg, 0), c.kg) AS received_kg, coalesce(came.kg >= c.kg, false) AS received
    FROM consigned c
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(r.quantity_kg), 0) AS kg FROM receipt r JOIN transformation t ON t.id = r.transformation_id AND t.site_id = r.site_id AND t.voided_at IS NULL
        WHERE r.lot_id = c.lot_id AND r.lot_site_id = c.site_id AND r.site_id = c.to_site_id
        HAVING count(*) > 0
    ) came ON true
), told AS (
    INSERT INTO recall_report_consignee (report_id, site_id, partner_id, lots, kg, to_site_id, received_lots, received_kg)
    SELECT @id, c.site_id, c.partner_id, count(*), sum(c.kg), max(c.to_site_id), count(*) FILTER (WHERE c.received), sum(c.received_kg)
    FROM consignment c WHERE c.partner_id IS NOT NULL
    GROUP BY c.site_id, c.partner_id
), stocked AS (
    INSERT INTO recall_report_stock (report_id, site_id, location_id, status, lots, kg)
    SELECT @id, a.site_id, a.location_id, a.status, count(*), sum(a.kg) FROM amount a WHERE a.here GROUP BY a.site_id, a.location_id, a.status
), figures AS (
    INSERT INTO recall_report_site (report_id, site_id, lots, on_site_kg, taken_kg, lost_kg, shipped_off_kg)
    SELECT @id, a.site_id, count(*), sum(a.kg), sum(a.taken_kg), coalesce(sum(a.lost_kg), 0),
           coalesce((SELECT sum(c.kg) FROM consignment c WHERE c.site_id = a.site_id AND c.partner_id IS NULL), 0)
    FROM amount a GROUP BY a.site_id
    RETURNING site_id, lots, on_site_kg
)
SELECT f.lots::bigint AS lots, f.on_site_kg::numeric AS on_site_kg, coalesce(sum(c.kg), 0)::numeric AS shipped_kg
FROM figures f LEFT JOIN consignment c ON c.site_id = f.site_id
WHERE f.site_id = @site_id::integer
GROUP BY f.lots, f.on_site_kg;

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
SELECT p.report_id::uuid AS report_id, sqlc.embed(l)
FROM (
    SELECT k.report_id, x.lot_id FROM unnest(@report_ids::uuid[]) AS k(report_id)
    CROSS JOIN LATERAL (
        SELECT s.lot_id FROM recall_report_lot s
        WHERE s.report_id = k.report_id AND (sqlc.narg('after')::uuid IS NULL OR s.lot_id > sqlc.narg('after'))
        ORDER BY s.lot_id LIMIT @size
    ) x
) p
JOIN lot l ON l.id = p.lot_id
ORDER BY p.report_id, l.id;

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
