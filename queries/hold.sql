-- name: HoldsByLots :many
SELECT * FROM hold WHERE lot_id = ANY(@lot_ids::uuid[]) ORDER BY lot_id, id;

-- name: ExposedLots :many
-- Those of the lots that are exposed now.
SELECT DISTINCT lot_id FROM exposure WHERE lot_id = ANY(@lot_ids::uuid[]) AND ended_at IS NULL ORDER BY lot_id;

-- name: ExposuresByLots :many
SELECT e.* FROM unnest(@lot_ids::uuid[]) AS k(lot_id)
CROSS JOIN LATERAL (
    SELECT * FROM exposure x WHERE x.lot_id = k.lot_id AND x.ended_at IS NULL
    ORDER BY x.exposed_at, x.cause_id LIMIT @size
) e
ORDER BY e.lot_id, e.exposed_at, e.cause_id;

-- name: ExposeChildren :exec
-- Lots that have got parents are exposed by what stops these (an open hold, or one that ended in rejection) or exposes
-- them, and so is all that was made of the lots.
WITH RECURSIVE cause AS (
    SELECT g.child_id, g.site_id, h.id AS cause_id, h.lot_id AS cause_lot_id, h.site_id AS cause_site_id,
           CASE WHEN h.ended_at IS NULL THEN 'HOLD' ELSE 'REJECTED' END::exposure_reason AS reason
    FROM lot_genealogy g JOIN hold h ON h.lot_id = g.parent_id AND h.site_id = g.parent_site_id
    WHERE g.child_id = ANY(@lot_ids::uuid[]) AND (h.ended_at IS NULL OR h.outcome = 'REJECTED')
    UNION
    SELECT g.child_id, g.site_id, x.cause_id, x.cause_lot_id, x.cause_site_id, x.reason
    FROM lot_genealogy g JOIN exposure x ON x.lot_id = g.parent_id AND x.site_id = g.parent_site_id AND x.ended_at IS NULL
    WHERE g.child_id = ANY(@lot_ids::uuid[])
), exposed AS (
    SELECT c.child_id AS lot_id, c.site_id, c.cause_id, c.cause_lot_id, c.cause_site_id, c.reason FROM cause c
    UNION
    SELECT g.child_id, g.site_id, e.cause_id, e.cause_lot_id, e.cause_site_id, e.reason
    FROM exposed e JOIN lot_genealogy g ON g.parent_id = e.lot_id AND g.parent_site_id = e.site_id
)
INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at)
SELECT e.lot_id, e.cause_id, e.site_id, e.cause_lot_id, e.cause_site_id, e.reason, @exposed_at::timestamptz FROM exposed e
ON CONFLICT DO NOTHING;

-- name: InsertHolds :exec
-- One on each lot, for one reason.
INSERT INTO hold (id, site_id, lot_id, reason, deviation_id, decision_id, gate_id, recall_id, held_at, held_by)
SELECT h.id, @site_id, h.lot_id, @reason, @deviation_id, sqlc.narg('decision_id'), sqlc.narg('gate_id'), sqlc.narg('recall_id'), @held_at, @held_by
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@lot_ids::uuid[]) AS lot_id) h;

-- name: ExposeDescendants :many
-- All that was made of held lots, however many steps on and whatever became of it: one row a lot and cause. Says how many each hold
-- reached at each site. When a hold ends in rejection, what is exposed by it still stays so, also where the transformation through which that
-- came was voided meanwhile and no link leads there any more.
WITH RECURSIVE cause AS (
    SELECT h.id, h.lot_id, h.site_id FROM hold h WHERE h.id = ANY(@hold_ids::uuid[])
), below (cause_id, lot_id, site_id) AS (
    SELECT c.id, g.child_id, g.site_id FROM cause c JOIN lot_genealogy g ON g.parent_id = c.lot_id
    UNION
    SELECT e.cause_id, e.lot_id, e.site_id FROM exposure e WHERE e.cause_id = ANY(@hold_ids::uuid[]) AND e.reason = 'HOLD' AND e.ended_at IS NULL
    UNION
    SELECT b.cause_id, g.child_id, g.site_id FROM below b JOIN lot_genealogy g ON g.parent_id = b.lot_id
), exposed AS (
    INSERT INTO exposure (lot_id, cause_id, site_id, cause_lot_id, cause_site_id, reason, exposed_at)
    SELECT b.lot_id, c.id, b.site_id, c.lot_id, c.site_id, @reason, @exposed_at
    FROM below b JOIN cause c ON c.id = b.cause_id
    RETURNING cause_id, site_id
)
SELECT x.cause_id, x.site_id, count(*) AS lots FROM exposed x GROUP BY x.cause_id, x.site_id ORDER BY x.cause_id, x.site_id;

-- name: ExposeToRecall :many
-- The suspects of a real recall and all that was made of them, each lot once. Says how many at each site.
SELECT x.site_id::integer AS site_id, x.lots::bigint AS lots FROM expose_to_recall(@recall_id::uuid, @exposed_at::timestamptz) AS x(site_id, lots) ORDER BY x.site_id;

-- name: OpenHolds :many
-- The open holds on a lot, with the gate where a decision or a reading opened them, who gave the last PASS that the lot has got there since, and who the last
-- one that speaks for it: decided after all that was bad there, and of no earlier check than opened the hold, or than the recording of the reading that did.
SELECT sqlc.embed(h), g.number AS gate_number, coalesce(g.kind = 'CCP', false)::boolean AS critical, d.decided_by AS decided_by, g.id AS found_at,
       s.decided_by AS passed_by, n.decided_by AS passed_anew_by
FROM hold h
LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
LEFT JOIN qc_gate g ON g.id = coalesce(h.gate_id, d.gate_id)
LEFT JOIN qc_decision s ON s.site_id = h.site_id AND s.id = (
    SELECT p.id FROM qc_decision p
    WHERE p.lot_id = h.lot_id AND p.site_id = h.site_id AND p.gate_id = g.id AND p.decision = 'PASS' AND p.decided_at >= h.held_at
    ORDER BY p.decided_at DESC, p.id DESC LIMIT 1
)
LEFT JOIN qc_decision n ON n.site_id = h.site_id AND n.id = (
    SELECT p.id FROM qc_decision p
    WHERE p.lot_id = h.lot_id AND p.site_id = h.site_id AND p.gate_id = g.id AND p.decision = 'PASS' AND p.decided_at >= h.held_at
      AND (h.violated_at IS NULL OR p.decided_at > h.violated_at)
      AND p.checked_at >= coalesce(d.checked_at, h.held_at)
    ORDER BY p.decided_at DESC, p.id DESC LIMIT 1
)
WHERE h.lot_id = @lot_id AND h.site_id = @site_id AND h.ended_at IS NULL
ORDER BY h.id;

-- name: ViolateHolds :exec
-- A reading is outside a limit of the gate that holds a lot already.
UPDATE hold SET violated_at = greatest(held_at, @violated_at::timestamptz) WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id AND ended_at IS NULL;

-- name: EndHolds :exec
UPDATE hold SET ended_at = @ended_at, ended_by = @ended_by, outcome = @outcome, end_reason = @end_reason, signature_id = @signature_id
WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id AND ended_at IS NULL;

-- name: EndExposuresOf :one
-- What was exposed because of holds that have ended, at all sites. Says how many exposures of one site that are.
WITH ended AS (
    UPDATE exposure SET ended_at = @ended_at WHERE cause_id = ANY(@hold_ids::uuid[]) AND reason = 'HOLD' AND ended_at IS NULL RETURNING site_id
)
SELECT count(*) FROM ended WHERE site_id = @site_id;

-- name: EndExposuresToRecall :one
-- What a recall exposed, at all sites. Says how many lots of one that are.
WITH ended AS (
    UPDATE exposure SET ended_at = @ended_at WHERE cause_id = @recall_id AND reason = 'RECALL' AND ended_at IS NULL RETURNING site_id
)
SELECT count(*) FROM ended WHERE site_id = @site_id;

-- name: OpenExposures :many
-- Why a lot is exposed to another one, and who stopped, rejected or recalled that.
SELECT sqlc.embed(e), h.held_by, h.ended_by, r.opened_by AS recalled_by, d.decided_by
FROM exposure e
LEFT JOIN recall r ON r.id = e.cause_id AND r.site_id = e.cause_site_id
LEFT JOIN hold h ON h.id = e.cause_id AND h.site_id = e.cause_site_id
LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
WHERE e.lot_id = @lot_id AND e.site_id = @site_id AND e.cause_lot_id = ANY(@cause_lot_ids::uuid[]) AND e.ended_at IS NULL
ORDER BY e.exposed_at, e.cause_id;

-- name: ClearExposures :exec
UPDATE exposure SET ended_at = @ended_at, cleared_by = @cleared_by, clear_reason = @clear_reason, signature_id = @signature_id
WHERE lot_id = @lot_id AND site_id = @site_id AND cause_lot_id = ANY(@cause_lot_ids::uuid[]) AND ended_at IS NULL;
