-- name: EpcisEventsByIdentities :many
SELECT identity, digest, file, line FROM epcis_event
WHERE site_id = @site_id AND identity = ANY(@identities::text[])
ORDER BY identity;

-- name: EpcisItemsInForce :many
-- What the events in force of transformations say, found by the transformation or by the events' transformationID.
SELECT e.identity, e.transformation_key, e.transformation_id::uuid AS transformation_id, e.occurred_at, i.lot_id, i.role, i.instance, i.quantity_kg, i.quantity, i.unit
FROM epcis_event e
JOIN epcis_item i ON i.event_identity = e.identity AND i.site_id = e.site_id
WHERE e.site_id = @site_id AND e.voided_at IS NULL AND e.transformation_id IS NOT NULL
  AND (e.transformation_id = ANY(@transformation_ids::uuid[]) OR e.transformation_key = ANY(@transformation_keys::text[]))
ORDER BY e.occurred_at, e.line, e.identity, i.lot_id, i.role;

-- name: EpcisLotsByEvents :many
SELECT DISTINCT lot_id, role FROM epcis_item
WHERE site_id = @site_id AND event_identity = ANY(@identities::text[])
ORDER BY lot_id, role;

-- name: SetEpcisTransformations :exec
UPDATE epcis_event e SET transformation_id = v.transformation_id
FROM (SELECT unnest(@identities::text[]) AS identity, unnest(@transformation_ids::uuid[]) AS transformation_id) v
WHERE e.identity = v.identity AND e.site_id = @site_id;

-- name: VoidEpcisEvents :many
-- Takes events out of force that are in force. What puts an event right stands in the pairs wrong_ids and corrective_ids.
WITH wrong AS (
    UPDATE epcis_event e
    SET voided_at = @voided_at,
        corrective_ids = (
            SELECT array_agg(c.corrective_id)
            FROM (SELECT unnest(@wrong_ids::text[]) AS wrong_id, unnest(@corrective_ids::text[]) AS corrective_id) c
            WHERE c.wrong_id = e.identity
        )
    WHERE e.site_id = @site_id AND e.identity = ANY(@identities::text[]) AND e.voided_at IS NULL
    RETURNING e.identity, e.transformation_id
)
SELECT wrong.identity, wrong.transformation_id FROM wrong ORDER BY wrong.identity;

-- name: ReplaceByCorrective :exec
-- Whichever came first, the wrong event or what puts it right: a voided transformation is replaced by that of the first
-- corrective event that is there.
UPDATE transformation t SET replaced_by_id = v.right_id
FROM (
    SELECT DISTINCT ON (wrong.transformation_id) wrong.transformation_id AS wrong_id, correct.transformation_id AS right_id
    FROM epcis_event wrong
    CROSS JOIN LATERAL unnest(wrong.corrective_ids) WITH ORDINALITY AS k(identity, position)
    JOIN epcis_event correct ON correct.identity = k.identity AND correct.site_id = wrong.site_id
    WHERE wrong.site_id = @site_id AND wrong.corrective_ids IS NOT NULL
      AND wrong.transformation_id IS NOT NULL AND correct.transformation_id <> wrong.transformation_id
    ORDER BY wrong.transformation_id, k.position
) v
WHERE t.id = v.wrong_id AND t.site_id = @site_id AND t.voided_at IS NOT NULL AND t.replaced_by_id IS NULL;

-- name: RefusedLinks :many
-- The pairs that were left out of the genealogy because they would have closed a cycle: an alert about the child says so.
SELECT o.lot_id AS child_id, i.lot_id AS parent_id, t.id AS transformation_id
FROM transformation_output o
JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
JOIN transformation_input i ON i.transformation_id = t.id AND i.site_id = t.site_id
WHERE o.site_id = @site_id AND t.voided_at IS NULL AND i.lot_id <> o.lot_id
  AND o.lot_id IN (SELECT a.lot_id FROM alert a WHERE a.site_id = @site_id AND a.kind = 'RULE_BROKEN')
  AND NOT EXISTS (SELECT FROM lot_genealogy g WHERE g.child_id = o.lot_id AND g.parent_id = i.lot_id AND g.transformation_id = t.id)
ORDER BY t.id, o.lot_id, i.lot_id;

-- name: DescribeImportedLots :exec
-- What a document says that lots are like; the latest document is right.
UPDATE lot l SET attributes = l.attributes || v.attributes::jsonb
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@attributes::text[]) AS attributes) v
WHERE l.id = v.id AND l.site_id = @site_id AND l.source = 'IMPORT';

-- name: SettleImportedLots :many
-- Works out anew, from all events and transformations in force, what lots of others measured at birth, what remains of
-- them, when they came to be and where they stand; before and after are told, so that each alert is raised once.
--
-- A lot measures the sum of its births, or where no birth tells it, what the first event that saw it says; weighed comes
-- before counted, counts add up within one unit, one single thing is 1. What remains is that less all inputs but shipments,
-- less what is outside: see MassBalancesByLots.
WITH said AS (
    SELECT i.lot_id, i.role, i.instance, i.quantity_kg, i.quantity, i.unit, e.occurred_at,
           row_number() OVER (PARTITION BY i.lot_id ORDER BY e.occurred_at, e.line, e.identity, i.role) AS place
    FROM epcis_item i
    JOIN epcis_event e ON e.identity = i.event_identity AND e.site_id = i.site_id
    WHERE i.lot_id = ANY(@lot_ids::uuid[]) AND e.voided_at IS NULL
), life AS (
    SELECT said.lot_id, coalesce(min(said.occurred_at) FILTER (WHERE said.role = 'BORN'), min(said.occurred_at)) AS began,
           -- Of one single thing nothing remains when it was used, also where no event says that it was ever there.
           bool_or(said.role = 'USED' AND said.instance) AS used_up
    FROM said GROUP BY said.lot_id
), measure AS (
    SELECT DISTINCT ON (said.lot_id) said.lot_id, said.role, said.place, said.instance, said.unit, said.quantity_kg IS NOT NULL AS weighed
    FROM said
    WHERE said.role IN ('BORN', 'SEEN') AND (said.quantity_kg IS NOT NULL OR said.quantity IS NOT NULL)
    ORDER BY said.lot_id, said.role, said.quantity_kg IS NULL, said.place -- BORN before SEEN
), born AS (
    SELECT m.lot_id, CASE WHEN m.weighed THEN sum(s.quantity_kg) END AS weight_kg,
           CASE WHEN m.weighed THEN NULL WHEN m.instance THEN 1 ELSE sum(s.quantity) FILTER (WHERE s.unit = m.unit) END AS quantity,
           m.unit
    FROM measure m
    JOIN said s ON s.lot_id = m.lot_id AND s.role = m.role AND (m.role = 'BORN' OR s.place = m.place)
    GROUP BY m.lot_id, m.weighed, m.instance, m.unit
), took AS (
    SELECT i.lot_id, t.id, t.kind, t.occurred_at, i.quantity_kg AS kg, i.quantity, i.unit
    FROM transformation_input i
    JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
    WHERE i.lot_id = ANY(@lot_ids::uuid[]) AND t.voided_at IS NULL
), way AS (
    SELECT x.lot_id, x.id, x.occurred_at, x.kg, x.quantity, x.unit FROM took x WHERE x.kind = 'SHIP'
    UNION ALL
    SELECT o.lot_id, t.id, t.occurred_at, -o.quantity_kg, -o.quantity, o.unit
    FROM transformation_output o
    JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
    WHERE o.lot_id = ANY(@lot_ids::uuid[]) AND t.voided_at IS NULL AND t.kind = 'RECEIVE'
), step AS (
    SELECT w.lot_id, w.kg, w.quantity,
           sum(w.kg) OVER so_far AS running_kg, sum(w.quantity) OVER so_far AS running_quantity
    FROM (
        SELECT way.lot_id, way.id, way.occurred_at, way.kg, CASE WHEN way.unit = b.unit THEN way.quantity END AS quantity
        FROM way JOIN born b ON b.lot_id = way.lot_id
    ) w
    WINDOW so_far AS (PARTITION BY w.lot_id ORDER BY w.occurred_at, w.id)
), outside AS (
    SELECT step.lot_id, sum(step.kg) - least(min(step.running_kg), 0) AS kg,
           sum(step.quantity) - least(min(step.running_quantity), 0) AS quantity
    FROM step GROUP BY step.lot_id
), used AS (
    SELECT x.lot_id, sum(x.kg) AS kg, sum(x.quantity) FILTER (WHERE x.unit = b.unit) AS quantity
    FROM took x LEFT JOIN born b ON b.lot_id = x.lot_id
    WHERE x.kind <> 'SHIP' GROUP BY x.lot_id
), settled AS (
    SELECT l.id, l.site_id, l.weight_kg AS weight_before, l.remaining_kg AS remaining_before, l.remaining_quantity AS count_before,
           b.weight_kg, b.weight_kg - coalesce(u.kg, 0) - coalesce(o.kg, 0) AS remaining_kg,
           b.quantity, b.quantity - coalesce(u.quantity, 0) - coalesce(o.quantity, 0) AS remaining_quantity, b.unit,
           coalesce(o.kg, o.quantity, 0) > 0 AS left_site,
           coalesce(f.used_up, false) AS used_up, coalesce(f.began, l.occurred_at) AS occurred_at
    FROM lot l
    LEFT JOIN life f ON f.lot_id = l.id
    LEFT JOIN born b ON b.lot_id = l.id
    LEFT JOIN outside o ON o.lot_id = l.id
    LEFT JOIN used u ON u.lot_id = l.id
    WHERE l.id = ANY(@lot_ids::uuid[]) AND l.source = 'IMPORT'
), done AS (
    UPDATE lot l
    SET weight_kg = s.weight_kg, remaining_kg = s.remaining_kg, quantity = s.quantity, remaining_quantity = s.remaining_quantity,
        unit = CASE WHEN s.quantity IS NOT NULL THEN s.unit END, occurred_at = s.occurred_at,
        -- What a person decided about it stays.
        status = CASE WHEN l.status IN ('QUARANTINE', 'REJECTED') THEN l.status
                      WHEN coalesce(s.remaining_kg, s.remaining_quantity) <= 0 AND s.left_site THEN 'SHIPPED'
                      WHEN coalesce(s.remaining_kg, s.remaining_quantity) <= 0 OR s.used_up THEN 'CONSUMED'
                      ELSE 'RELEASED' END::lot_status
    FROM settled s
    WHERE l.id = s.id AND l.site_id = s.site_id
    RETURNING l.id, l.code, l.weight_kg, l.remaining_kg, l.quantity, l.remaining_quantity, l.unit, s.weight_before, s.remaining_before, s.count_before
)
SELECT done.id, done.code, done.weight_kg, done.remaining_kg, done.quantity, done.remaining_quantity, done.unit,
       done.weight_before, done.remaining_before, done.count_before
FROM done ORDER BY done.id;

-- name: PackingByContainers :many
-- What the events in force say was put into containers of others and taken out, in the order of time. A row without a lot
-- empties its container, or names nothing that it held.
SELECT c.lot_id AS container_id, c.role AS container_role, e.occurred_at, i.lot_id, i.role, i.instance, i.quantity_kg, i.quantity, i.unit
FROM epcis_item c
JOIN epcis_event e ON e.identity = c.event_identity AND e.site_id = c.site_id
JOIN lot l ON l.id = c.lot_id AND l.site_id = c.site_id AND l.source = 'IMPORT'
LEFT JOIN epcis_item i ON i.event_identity = e.identity AND i.site_id = e.site_id AND i.role IN ('PACKED', 'INSIDE', 'UNPACKED')
WHERE c.lot_id = ANY(@container_ids::uuid[]) AND c.role IN ('CONTAINER', 'EMPTIED') AND e.voided_at IS NULL
ORDER BY c.lot_id, e.occurred_at, e.line, e.identity, i.lot_id, i.role;

-- name: DeleteContainments :exec
DELETE FROM lot_containment c USING lot l
WHERE c.container_id = ANY(@container_ids::uuid[]) AND l.id = c.container_id AND l.site_id = c.site_id AND l.source = 'IMPORT';
