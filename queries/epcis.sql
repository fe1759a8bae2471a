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
-- The lots of others that events say something about.
SELECT DISTINCT i.lot_id, i.role
FROM epcis_item i
JOIN lot l ON l.id = i.lot_id AND l.site_id = i.site_id
WHERE i.site_id = @site_id AND i.event_identity = ANY(@identities::text[]) AND l.source = 'IMPORT'
ORDER BY i.lot_id, i.role;

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

-- name: ComplicateLots :exec
-- What documents say that a site used of its own lots changes nothing of what its people recorded, but a row tells no more where such a lot is.
UPDATE lot l SET intricate = true, shipment_id = NULL
FROM transformation_input i
WHERE i.transformation_id = ANY(@transformation_ids::uuid[]) AND i.site_id = @site_id AND l.id = i.lot_id AND l.site_id = i.site_id AND NOT l.intricate;

-- name: SettleImportedLots :many
-- Works out anew, from all events and transformations in force, what lots of others measured at birth, what remains of
-- them, when they came to be and where they stand; before and after are told, so that each alert is raised once.
--
-- A lot measures the sum of its births, or where no birth tells it, what the first event that saw it says; weighed comes
-- before counted, counts add up within one unit, one single thing is 1. What remains is that less what was used, less what is
-- still outside, as in MassBalancesByLots.
--
-- One lot after the other, each by its indexes: joined as sets, tables that were just filled and have no statistics yet
-- made nested loops of 67 s of 616 lots.
WITH settled AS (
    SELECT l.id, l.site_id, l.weight_kg AS weight_before, l.remaining_kg AS remaining_before, l.remaining_quantity AS count_before,
           at_birth.kg AS weight_kg, at_birth.kg - used.kg - away.kg AS remaining_kg,
           at_birth.quantity, at_birth.quantity - used.quantity - away.quantity AS remaining_quantity, told.unit,
           coalesce(greatest(away.kg, away.quantity), 0) > 0 AS left_site,
           coalesce(life.used_up, false) AS used_up, coalesce(life.began, l.occurred_at) AS occurred_at
    FROM lot l
    CROSS JOIN LATERAL (
        SELECT coalesce(min(e.occurred_at) FILTER (WHERE i.role = 'BORN'), min(e.occurred_at)) AS began,
               -- Of one single thing nothing remains when it was used, also where no event says that it was ever there.
               bool_or(i.role = 'USED' AND i.instance) AS used_up
        FROM epcis_item i
        JOIN epcis_event e ON e.identity = i.event_identity AND e.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND e.voided_at IS NULL
    ) life
    LEFT JOIN LATERAL (
        SELECT i.role, i.instance, i.quantity_kg, i.quantity, i.unit
        FROM epcis_item i
        JOIN epcis_event e ON e.identity = i.event_identity AND e.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND e.voided_at IS NULL
          AND i.role IN ('BORN', 'SEEN') AND (i.quantity_kg IS NOT NULL OR i.quantity IS NOT NULL)
        ORDER BY i.role, i.quantity_kg IS NULL, e.occurred_at, e.line, e.identity -- BORN before SEEN
        LIMIT 1
    ) told ON true
    CROSS JOIN LATERAL (
        SELECT sum(i.quantity_kg) AS kg, sum(i.quantity) FILTER (WHERE i.unit = told.unit) AS quantity
        FROM epcis_item i
        JOIN epcis_event e ON e.identity = i.event_identity AND e.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND e.voided_at IS NULL AND i.role = 'BORN'
    ) births
    CROSS JOIN LATERAL (
        SELECT CASE WHEN told.role = 'BORN' THEN births.kg ELSE told.quantity_kg END AS kg,
               CASE WHEN told.quantity_kg IS NOT NULL THEN NULL
                    WHEN told.role = 'SEEN' OR told.instance THEN told.quantity ELSE births.quantity END AS quantity
    ) at_birth
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(i.quantity_kg), 0) AS kg, coalesce(sum(i.quantity) FILTER (WHERE i.unit = told.unit), 0) AS quantity
        FROM transformation_input i
        JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
        WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind <> 'SHIP'
    ) used
    CROSS JOIN LATERAL (
        SELECT array_agg(way.kg ORDER BY way.occurred_at, way.id) FILTER (WHERE way.kg IS NOT NULL) AS kg,
               array_agg(way.quantity ORDER BY way.occurred_at, way.id) FILTER (WHERE way.unit = told.unit) AS quantity
        FROM (
            SELECT t.occurred_at, t.id, i.quantity_kg AS kg, i.quantity, i.unit
            FROM transformation_input i
            JOIN transformation t ON t.id = i.transformation_id AND t.site_id = i.site_id
            WHERE i.lot_id = l.id AND i.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'SHIP'
            UNION ALL
            SELECT t.occurred_at, t.id, -o.quantity_kg, -o.quantity, o.unit
            FROM transformation_output o
            JOIN transformation t ON t.id = o.transformation_id AND t.site_id = o.site_id
            WHERE o.lot_id = l.id AND o.site_id = l.site_id AND t.voided_at IS NULL AND t.kind = 'RECEIVE'
        ) way
    ) moved
    CROSS JOIN LATERAL (
        SELECT least(outside(moved.kg, at_birth.kg), greatest(at_birth.kg - used.kg, 0)) AS kg,
               least(outside(moved.quantity, at_birth.quantity), greatest(at_birth.quantity - used.quantity, 0)) AS quantity
    ) away
    WHERE l.id = ANY(@lot_ids::uuid[]) AND l.source = 'IMPORT'
), done AS (
    UPDATE lot l
    SET intricate = true, shipment_id = NULL, weight_kg = s.weight_kg, remaining_kg = s.remaining_kg, quantity = s.quantity, remaining_quantity = s.remaining_quantity,
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
-- What the events in force say was put into containers and taken out, in the order of time. A row without a lot empties its
-- container, or names nothing that it held.
SELECT c.lot_id AS container_id, c.role AS container_role, e.occurred_at, i.lot_id, i.role, i.instance, i.quantity_kg, i.quantity, i.unit
FROM epcis_item c
JOIN epcis_event e ON e.identity = c.event_identity AND e.site_id = c.site_id
LEFT JOIN epcis_item i ON i.event_identity = e.identity AND i.site_id = e.site_id AND i.role IN ('PACKED', 'INSIDE', 'UNPACKED')
WHERE c.lot_id = ANY(@container_ids::uuid[]) AND c.role IN ('CONTAINER', 'EMPTIED') AND e.voided_at IS NULL
ORDER BY c.lot_id, e.occurred_at, e.line, e.identity, i.lot_id, i.role;

-- name: DeleteContainments :exec
DELETE FROM lot_containment WHERE container_id = ANY(@container_ids::uuid[]);
