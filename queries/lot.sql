-- name: LotsByIDs :many
SELECT * FROM lot WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: LotsByCode :many
-- An outside lot may be known by one code at several sites.
SELECT * FROM lot WHERE code = @code ORDER BY site_id, id;

-- name: LotsByGS1Key :many
-- All spellings of a GS1 key have one gs1_key.
SELECT * FROM lot WHERE gs1_key = @gs1_key::text ORDER BY site_id, id;

-- name: LotRowsByIDs :many
-- The narrow row that large flat lists are written from: at 7,000 lots a third of the time of reading whole lots.
SELECT l.id, l.site_id, l.code, t.code AS lot_type, l.status, l.weight_kg, l.temperature_c, l.occurred_at, l.held
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY(@ids::uuid[]); -- no ORDER BY: the caller has the order

-- name: LotWeightsByIDs :many
SELECT id, lot_type_id, weight_kg FROM lot WHERE id = ANY(@ids::uuid[]); -- no ORDER BY: the caller has the order

-- name: LotsPage :many
-- Newest first. Planned anew at each call (db.Adhoc): filters that are null and the direction not asked for fold away.
SELECT l.* FROM lot l
WHERE (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('product')::text IS NULL OR l.product_id IN (SELECT o.id FROM product o WHERE o.sku = sqlc.narg('product') OR o.gtin = sqlc.narg('gtin')::text))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
  AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
  AND (sqlc.narg('before')::uuid IS NULL OR l.id > sqlc.narg('before'))
ORDER BY CASE WHEN @backward::boolean THEN l.id END, CASE WHEN NOT @backward::boolean THEN l.id END DESC
LIMIT @size;

-- name: MatchingLots :many
-- Those of some lots that match: the same conditions as LotsPage.
SELECT l.id FROM lot l
WHERE l.id = ANY(@ids::uuid[])
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('product')::text IS NULL OR l.product_id IN (SELECT o.id FROM product o WHERE o.sku = sqlc.narg('product') OR o.gtin = sqlc.narg('gtin')::text))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
ORDER BY l.id;

-- name: CountLots :one
-- The same conditions as LotsPage.
SELECT count(*) FROM lot l
WHERE (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('run')::text IS NULL OR l.run_id IN (SELECT r.id FROM run r WHERE r.code = sqlc.narg('run')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('product')::text IS NULL OR l.product_id IN (SELECT o.id FROM product o WHERE o.sku = sqlc.narg('product') OR o.gtin = sqlc.narg('gtin')::text))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'));

-- name: LotsPageByRuns :many
-- One page of each run's lots, newest first: the same conditions as LotsPage.
SELECT m.* FROM unnest(@run_ids::uuid[]) AS k(run_id)
CROSS JOIN LATERAL (
    SELECT * FROM lot l
    WHERE l.run_id = k.run_id
      AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
      AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
      AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
      AND (sqlc.narg('product')::text IS NULL OR l.product_id IN (SELECT o.id FROM product o WHERE o.sku = sqlc.narg('product') OR o.gtin = sqlc.narg('gtin')::text))
      AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
      AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
      AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
      AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
      AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
      AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
      AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
      AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
      AND (sqlc.narg('after')::uuid IS NULL OR l.id < sqlc.narg('after'))
    ORDER BY l.id DESC LIMIT @size
) m
ORDER BY m.run_id, m.id DESC;

-- name: CountLotsByRuns :many
-- The same conditions as LotsPage.
SELECT l.run_id::uuid AS run_id, count(*) FROM lot l
WHERE l.run_id = ANY(@run_ids::uuid[])
  AND (sqlc.narg('site')::text IS NULL OR l.site_id = (SELECT s.id FROM site s WHERE s.code = sqlc.narg('site')))
  AND (sqlc.narg('lot_types')::text[] IS NULL OR l.lot_type_id IN (SELECT t.id FROM lot_type t WHERE t.code = ANY(sqlc.narg('lot_types'))))
  AND (sqlc.narg('location')::text IS NULL OR l.location_id IN (SELECT x.id FROM location x WHERE x.code = sqlc.narg('location')))
  AND (sqlc.narg('product')::text IS NULL OR l.product_id IN (SELECT o.id FROM product o WHERE o.sku = sqlc.narg('product') OR o.gtin = sqlc.narg('gtin')::text))
  AND (sqlc.narg('phase_number')::integer IS NULL OR l.phase_id IN (SELECT p.id FROM phase p WHERE p.number = sqlc.narg('phase_number')))
  AND (sqlc.narg('statuses')::text[] IS NULL OR CASE WHEN l.held AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'HOLD' ELSE l.status::text END = ANY(sqlc.narg('statuses')))
  AND (sqlc.narg('held')::boolean IS NULL OR l.held = sqlc.narg('held'))
  AND (sqlc.narg('exposed')::boolean IS NULL OR EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) = sqlc.narg('exposed'))
  AND (sqlc.narg('code_prefix')::text IS NULL OR l.code ^@ sqlc.narg('code_prefix'))
  AND (sqlc.narg('search_pattern')::text IS NULL OR l.code ILIKE sqlc.narg('search_pattern') OR (l.attributes ? 'supplierLotCode' AND l.attributes ->> 'supplierLotCode' = sqlc.narg('search')::text) OR l.gs1_key = sqlc.narg('gs1_key')::text)
  AND (sqlc.narg('occurred_from')::timestamptz IS NULL OR l.occurred_at >= sqlc.narg('occurred_from'))
  AND (sqlc.narg('occurred_before')::timestamptz IS NULL OR l.occurred_at < sqlc.narg('occurred_before'))
GROUP BY l.run_id ORDER BY l.run_id;

-- name: LotsByCodesOrKeys :many
-- Those of a site that have one of these codes, or in another spelling one of these GS1 keys.
SELECT id, code, gs1_key, source FROM lot
WHERE site_id = @site_id AND (code = ANY(@codes::text[]) OR gs1_key = ANY(@gs1_keys::text[]))
ORDER BY id;

-- name: LotsForUse :many
-- Lots with all that decides whether they may be used, locked until the transaction ends.
SELECT sqlc.embed(l), t.code AS type_code, t.role AS type_role, t.unit AS type_unit, t.max_lot_kg AS type_max_lot_kg,
       EXISTS (SELECT FROM exposure e WHERE e.lot_id = l.id AND e.site_id = l.site_id AND e.ended_at IS NULL) AS exposed
FROM lot l JOIN lot_type t ON t.id = l.lot_type_id
WHERE l.id = ANY(@ids::uuid[])
ORDER BY l.id
FOR NO KEY UPDATE OF l;

-- name: DrawFromLots :exec
-- Takes kilograms or pieces; what is empty then is CONSUMED, or SHIPPED where it went so. A rejected lot stays rejected. Never
-- more than remains: where less does, unless somebody went round the locks, all is undone. A lot that isn't shipped whole, by one
-- shipment (the nil id where several take of it), or of which something is sampled or wasted (spent), is intricate from then on.
WITH drawn AS (
    UPDATE lot l
    SET remaining_kg = l.remaining_kg - v.kg,
        remaining_quantity = l.remaining_quantity - v.pieces,
        status = CASE
            WHEN coalesce(l.remaining_kg - v.kg, l.remaining_quantity - v.pieces) > 0 OR l.status = 'REJECTED' THEN l.status
            WHEN @shipped::boolean THEN 'SHIPPED'::lot_status
            ELSE 'CONSUMED'::lot_status
        END,
        intricate = l.intricate OR v.spent OR @shipped AND (v.shipment_id IS NULL OR NOT takes_all(l, v.kg, v.pieces)),
        shipment_id = CASE WHEN NOT l.intricate AND NOT v.spent AND takes_all(l, v.kg, v.pieces) THEN v.shipment_id END
    FROM (
        SELECT unnest(@ids::uuid[]) AS id, unnest(@kg::numeric[]) AS kg, unnest(@pieces::numeric[]) AS pieces,
               NULLIF(unnest(@shipment_ids::uuid[]), '00000000-0000-0000-0000-000000000000') AS shipment_id, unnest(@spent::boolean[]) AS spent
    ) v
    WHERE l.id = v.id AND l.site_id = @site_id AND coalesce(l.remaining_kg - v.kg, l.remaining_quantity - v.pieces) >= 0
    RETURNING 1
)
SELECT insist((SELECT count(*) FROM drawn) = cardinality(@ids::uuid[]), 'a locked lot has changed');

-- name: NextCodeNumber :one
-- The last of count numbers that are now taken, the first being count - 1 below it; and whether the site has ended.
INSERT INTO code_counter AS c (site_id, kind, day, last) VALUES (@site_id, @kind, to_date(@day::text, 'YYYY-MM-DD'), @count::integer)
ON CONFLICT (day, kind, site_id) DO UPDATE SET last = c.last + excluded.last
RETURNING c.last, EXISTS (SELECT FROM site s WHERE s.id = c.site_id AND s.ended_at IS NOT NULL) AS ended;

-- name: NextSSCCNumber :one
-- The last of count numbers of a company prefix that are now taken; the first is count - 1 below it.
INSERT INTO sscc_counter AS c (company_prefix, last) VALUES (@company_prefix, @count::bigint)
ON CONFLICT (company_prefix) DO UPDATE SET last = c.last + excluded.last
RETURNING c.last;

-- name: SetLotStatuses :exec
UPDATE lot l SET status = v.status
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@statuses::text[])::lot_status AS status) v
WHERE l.id = v.id AND l.status <> v.status;

-- name: LotGates :many
-- What is known of each lot at each gate that applies to its type: its own last decision, where a hold that was released counts as
-- a PASS (a MANAGER evaluated what the decision or the reading found), and for a gate of the line the standing decisions of the checks around
-- its birth, in its run, on what it was made on: a check that names no equipment is of the whole line, and what was made on equipment that nobody
-- named may have passed any. The empty text stands for none.
SELECT l.id AS lot_id, g.id AS gate_id, g.number, g.mode, g.per_lot, g.positive_release,
       coalesce(own.decision::text, '')::text AS own, coalesce(before.decision::text, '')::text AS before, coalesce(after.decision::text, '')::text AS after
FROM lot l
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id
LEFT JOIN LATERAL (
    SELECT x.decision FROM (
        SELECT d.decision, d.decided_at, d.id FROM qc_decision d WHERE d.lot_id = l.id AND d.site_id = l.site_id AND d.gate_id = g.id
        UNION ALL
        SELECT 'PASS'::qc_outcome, h.ended_at, h.id FROM hold h LEFT JOIN qc_decision d ON d.id = h.decision_id AND d.site_id = h.site_id
        WHERE h.lot_id = l.id AND h.site_id = l.site_id AND coalesce(d.gate_id, h.gate_id) = g.id AND h.recall_id IS NULL AND h.outcome = 'RELEASED'
    ) x
    ORDER BY x.decided_at DESC, x.id DESC LIMIT 1
) own ON true
LEFT JOIN LATERAL (
    SELECT t.equipment FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    WHERE NOT g.per_lot AND o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.equipment IS NOT NULL LIMIT 1
) made ON true
LEFT JOIN LATERAL (
    SELECT d.decision FROM qc_decision d
    WHERE NOT g.per_lot AND d.lot_id IS NULL AND d.run_id = l.run_id AND d.gate_id = g.id AND d.checked_at <= l.occurred_at
      AND (d.equipment IS NULL OR made.equipment IS NULL OR d.equipment = made.equipment)
      AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
    ORDER BY d.checked_at DESC, d.id DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
    SELECT d.decision FROM qc_decision d
    WHERE NOT g.per_lot AND d.lot_id IS NULL AND d.run_id = l.run_id AND d.gate_id = g.id AND d.checked_at > l.occurred_at
      AND (d.equipment IS NULL OR made.equipment IS NULL OR d.equipment = made.equipment)
      AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
    ORDER BY d.checked_at, d.id LIMIT 1
) after ON true
WHERE l.id = ANY(@lot_ids::uuid[])
ORDER BY l.id, g.number;

-- name: BracketingChecks :many
-- The standing checks of the line that found something and bracket some lots: BracketedLots (qc.sql) from the lots' side, for what is recorded after the
-- check was. No PASS is between the check and the birth of the lot; of other equipment none counts. A BLOCKING gate that doesn't bracket stops what was made
-- after the check alone. Without what is or was held for that check, and without lots that never were: nobody made them, or a correction says so.
SELECT l.id AS lot_id, l.code, l.site_id, l.run_id, l.status, l.held, d.id AS decision_id, d.decision, d.checked_at, coalesce(d.notes, '')::text AS notes,
       g.id AS gate_id, g.number, g.scenario_id,
       coalesce((
           SELECT h.deviation_id FROM hold h WHERE h.decision_id = d.id AND h.site_id = d.site_id ORDER BY h.held_at DESC, h.id DESC LIMIT 1
       ), d.deviation_id)::uuid AS deviation_id
FROM lot l
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND NOT g.per_lot AND (g.bracketing OR g.mode = 'BLOCKING')
JOIN qc_decision d ON d.run_id = l.run_id AND d.site_id = l.site_id AND d.gate_id = g.id AND d.lot_id IS NULL AND d.decision <> 'PASS'
WHERE l.id = ANY(@lot_ids::uuid[]) AND (g.bracketing OR d.checked_at <= l.occurred_at)
  AND NOT l.announced AND (l.status <> 'CONSUMED' OR EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL
  ))
  AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = d.id AND s.site_id = d.site_id)
  AND NOT EXISTS (
      SELECT FROM qc_decision p
      WHERE p.run_id = d.run_id AND p.site_id = d.site_id AND p.gate_id = d.gate_id AND p.lot_id IS NULL AND p.decision = 'PASS'
        AND p.checked_at > least(d.checked_at, l.occurred_at) AND p.checked_at <= greatest(d.checked_at, l.occurred_at)
        AND (p.equipment IS NULL OR p.equipment = d.equipment OR d.equipment IS NULL AND d.checked_at <= l.occurred_at AND NOT EXISTS (
            SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
            WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.equipment <> p.equipment
        ))
        AND NOT EXISTS (SELECT FROM qc_decision s WHERE s.supersedes_id = p.id AND s.site_id = p.site_id)
  )
  AND (d.equipment IS NULL OR NOT EXISTS (
      SELECT FROM transformation_output o JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
      WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.equipment <> d.equipment
  ))
  AND NOT EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.decision_id = d.id)
ORDER BY d.id, l.id;

-- name: LotsOfPositiveRelease :many
-- Of a lot and all that it was made of, those to which a gate applies whose result comes later.
WITH RECURSIVE up (id) AS (
    SELECT @lot_id::uuid AS id
    UNION
    SELECT g.parent_id FROM up JOIN lot_genealogy g ON g.child_id = up.id
)
SELECT DISTINCT l.id, l.code FROM up
JOIN lot l ON l.id = up.id
JOIN qc_gate_lot_type a ON a.lot_type_id = l.lot_type_id
JOIN qc_gate g ON g.id = a.gate_id AND g.positive_release
ORDER BY l.code, l.id;

-- name: LotsFoundAgain :many
-- The inputs of a transformation of which a stocktake has found so much that what went in doesn't go back: more would remain than there was at birth.
SELECT l.code, coalesce(l.unit, 'kg')::text AS unit, coalesce(l.weight_kg, l.quantity)::numeric AS born, coalesce(l.remaining_kg, l.remaining_quantity)::numeric AS remains,
       coalesce(i.quantity_kg, i.quantity)::numeric AS went_in
FROM transformation_input i JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
WHERE i.transformation_id = @transformation_id AND l.source <> 'IMPORT'
  AND coalesce(l.remaining_kg + i.quantity_kg, l.remaining_quantity + i.quantity) > coalesce(l.weight_kg, l.quantity)
ORDER BY l.code;

-- name: SetSuppliers :exec
-- Whose goods a receipt brought, after a correction; a lot that was said to be of another than the receipt stays so.
UPDATE lot SET supplier_id = @supplier_id::uuid
WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id AND (supplier_id IS NULL OR supplier_id = sqlc.narg('was'));

-- name: ReturnToLots :exec
-- Gives back what a voided transformation had taken; what was consumed or shipped by it is there again, and its gates say how, or it was
-- rejected meanwhile.
UPDATE lot l
SET intricate = true, shipment_id = NULL,
    remaining_kg = l.remaining_kg + coalesce(i.quantity_kg, 0),
    remaining_quantity = l.remaining_quantity + coalesce(i.quantity, 0),
    status = CASE
        WHEN l.status NOT IN ('CONSUMED', 'SHIPPED') THEN l.status
        WHEN EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.outcome = 'REJECTED') THEN 'REJECTED'
        ELSE 'QUARANTINE'
    END
FROM transformation_input i
WHERE i.transformation_id = @transformation_id AND l.id = i.lot_id AND l.site_id = i.site_id;

-- name: ReviseLots :exec
-- What lots weigh, or how many pieces they are, after a correction: what remains changes as much.
UPDATE lot l
SET intricate = true, shipment_id = NULL, weight_kg = l.weight_kg + v.kg, remaining_kg = l.remaining_kg + v.kg,
    quantity = l.quantity + v.pieces, remaining_quantity = l.remaining_quantity + v.pieces,
    status = CASE
        WHEN coalesce(l.remaining_kg + v.kg, l.remaining_quantity + v.pieces) = 0 AND l.status IN ('QUARANTINE', 'RELEASED') THEN 'CONSUMED'::lot_status
        WHEN coalesce(l.remaining_kg + v.kg, l.remaining_quantity + v.pieces) > 0 AND l.status IN ('CONSUMED', 'SHIPPED') THEN CASE
            WHEN EXISTS (SELECT FROM hold h WHERE h.lot_id = l.id AND h.site_id = l.site_id AND h.outcome = 'REJECTED') THEN 'REJECTED'::lot_status
            ELSE 'QUARANTINE'
        END
        ELSE l.status
    END
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@kg::numeric[]) AS kg, unnest(@pieces::numeric[]) AS pieces) v
WHERE l.id = v.id AND l.site_id = @site_id;

-- name: AnnulLots :exec
-- Lots whose birth was voided before anything was made of them: they never were, and weigh nothing.
UPDATE lot SET weight_kg = 0, remaining_kg = 0, quantity = NULL, remaining_quantity = NULL, unit = NULL, status = 'CONSUMED'
WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id AND status IN ('QUARANTINE', 'RELEASED');

-- name: MeasureLot :one
-- A weight or a count is given to a lot that has none; a temperature is the latest one.
UPDATE lot
SET weight_kg = coalesce(weight_kg, sqlc.narg('weight_kg')), remaining_kg = coalesce(remaining_kg, sqlc.narg('weight_kg')),
    quantity = coalesce(quantity, sqlc.narg('quantity')), remaining_quantity = coalesce(remaining_quantity, sqlc.narg('quantity')),
    unit = coalesce(unit, sqlc.narg('unit')), temperature_c = coalesce(sqlc.narg('temperature_c'), temperature_c)
WHERE id = @id AND site_id = @site_id
RETURNING *;

-- name: CorrectRemaining :one
-- What a stocktake found; the mass balance shows the difference as unaccounted.
UPDATE lot
SET intricate = true, shipment_id = NULL,
    remaining_kg = coalesce(sqlc.narg('remaining_kg'), remaining_kg), remaining_quantity = coalesce(sqlc.narg('remaining_quantity'), remaining_quantity),
    status = CASE
        WHEN coalesce(sqlc.narg('remaining_kg'), sqlc.narg('remaining_quantity')) = 0 AND status IN ('QUARANTINE', 'RELEASED') THEN 'CONSUMED'::lot_status
        WHEN coalesce(sqlc.narg('remaining_kg'), sqlc.narg('remaining_quantity')) > 0 AND status = 'CONSUMED' THEN CASE
            WHEN EXISTS (SELECT FROM hold h WHERE h.lot_id = lot.id AND h.site_id = lot.site_id AND h.outcome = 'REJECTED') THEN 'REJECTED'::lot_status
            ELSE 'QUARANTINE'
        END
        ELSE status
    END
WHERE lot.id = @id AND lot.site_id = @site_id
RETURNING *;

-- name: LookBack :many
-- What rules ask of what lots were made of, in one round trip: when what is in some lots was made, where what a SPLIT or MERGE made is as old as the
-- oldest that went into it; and which ancestors of others carry some attributes, of each value one. Rows of the former have no name.
WITH RECURSIVE same AS (
    SELECT l.id AS root, l.id, l.occurred_at FROM lot l WHERE l.id = ANY(@dated::uuid[])
    UNION
    SELECT same.root, p.id, p.occurred_at
    FROM same
    JOIN lot_genealogy g ON g.child_id = same.id
    JOIN transformation t ON t.id = g.transformation_id AND t.site_id = g.site_id AND t.kind IN ('SPLIT', 'MERGE')
    JOIN lot p ON p.id = g.parent_id AND p.site_id = g.parent_site_id
), up AS (
    SELECT g.child_id AS root, g.parent_id AS id FROM lot_genealogy g WHERE g.child_id = ANY(@traced::uuid[])
    UNION
    SELECT up.root, g.parent_id FROM up JOIN lot_genealogy g ON g.child_id = up.id
), carriers AS (
    SELECT DISTINCT ON (up.root, a.name, l.attributes ->> a.name) up.root, a.name, l.attributes ->> a.name AS value, l.code
    FROM up JOIN lot l ON l.id = up.id CROSS JOIN unnest(@names::text[]) AS a(name)
    WHERE l.attributes ->> a.name IS NOT NULL
    ORDER BY up.root, a.name, l.attributes ->> a.name, l.code
)
SELECT root::uuid AS lot_id, min(occurred_at)::timestamptz AS made_at, '' AS name, '' AS value, '' AS code FROM same GROUP BY root
UNION ALL
SELECT root, 'epoch', name, value, code FROM carriers
ORDER BY lot_id, name, value;

-- name: LotsInVessels :many
-- What is left of the site's lots of some types, and where each lies.
SELECT l.id, l.code, t.code AS lot_type, l.remaining_kg, p.code AS location
FROM lot_type t
JOIN lot l ON l.lot_type_id = t.id
LEFT JOIN location p ON p.id = l.location_id AND p.site_id = l.site_id
WHERE t.code = ANY(@lot_types::text[]) AND l.site_id = @site_id AND NOT l.announced
  AND l.status NOT IN ('CONSUMED', 'SHIPPED') AND l.remaining_kg IS DISTINCT FROM 0 AND l.quantity IS NULL
ORDER BY l.id;

-- name: DescribeLot :exec
UPDATE lot SET attributes = @attributes WHERE id = @id AND site_id = @site_id;

-- name: RedescribeLots :exec
-- What lots are like after a correction.
UPDATE lot l SET attributes = d.attributes
FROM jsonb_to_recordset(@lots::jsonb) AS d (id uuid, attributes jsonb)
WHERE l.id = d.id;

-- name: SetLotTimes :exec
-- When lots came into being, after a correction.
UPDATE lot SET occurred_at = @occurred_at WHERE id = ANY(@ids::uuid[]) AND site_id = @site_id;

-- name: HasChildren :one
SELECT EXISTS (SELECT FROM lot_genealogy WHERE parent_id = @lot_id AND parent_site_id = @site_id);

-- name: AnnounceLots :exec
-- What the phase that a run has entered will make: nobody has made or measured them yet.
INSERT INTO lot (id, site_id, code, lot_type_id, status, source, announced, intricate, run_id, phase_id, occurred_at, registered_at)
SELECT a.id, @site_id, a.code, a.lot_type_id, a.status::lot_status, 'AUTO', true, false, @run_id, @phase_id, @announced_at, @announced_at
FROM ROWS FROM (unnest(@ids::uuid[]), unnest(@codes::text[]), unnest(@lot_type_ids::uuid[]), unnest(@statuses::text[])) AS a (id, code, lot_type_id, status);

-- name: MakeAnnouncedLots :execrows
-- What announced lots came to when they were made, from a JSON array of rows. One that was made, rejected or dropped meanwhile
-- is left out, and counts no row.
UPDATE lot l
SET announced = false, weight_kg = m.weight_kg, remaining_kg = m.weight_kg, quantity = m.quantity, remaining_quantity = m.quantity, unit = m.unit,
    temperature_c = m.temperature_c, attributes = m.attributes, supplier_id = m.supplier_id, occurred_at = m.occurred_at,
    gs1_key = m.gs1_key, product_id = m.product_id, location_id = coalesce(m.location_id, l.location_id)
FROM jsonb_to_recordset(@lots::jsonb) AS m (
    id uuid, weight_kg numeric, quantity numeric, unit text, temperature_c numeric, attributes jsonb, supplier_id uuid, occurred_at timestamptz,
    gs1_key text, product_id uuid, location_id uuid
)
WHERE l.id = m.id AND l.site_id = @site_id AND l.announced AND l.status IN ('QUARANTINE', 'RELEASED');

-- name: DropLots :many
-- Announced lots that nobody has made won't be made: some of them, or all of a run that nobody has measured. One that is held stays: somebody means it.
-- What never was weighs nothing, and counts in no balance: an amount that was measured goes with it.
WITH was AS (
    SELECT w.id, w.status, w.weight_kg, w.quantity FROM lot w
    WHERE w.site_id = @site_id
      AND (w.id = ANY(@ids::uuid[]) OR w.run_id = sqlc.narg('run_id')::uuid AND num_nonnulls(w.weight_kg, w.quantity) = 0)
      AND w.announced AND NOT w.held AND w.status IN ('QUARANTINE', 'RELEASED')
    ORDER BY w.id
    FOR NO KEY UPDATE
)
UPDATE lot l
SET status = 'CONSUMED', weight_kg = NULL, remaining_kg = NULL, quantity = NULL, remaining_quantity = NULL, unit = NULL
FROM was WHERE l.id = was.id AND l.site_id = @site_id
RETURNING l.id, l.code, l.run_id, was.status AS was, was.weight_kg, was.quantity;

-- name: MergeLotCodes :one
-- How many pages of codes of new lots were sorted into the index of all.
SELECT merge_lot_codes();
