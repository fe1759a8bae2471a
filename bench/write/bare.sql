-- What registering a lot writes, as pgbench sends it: the same rows, by statements that nobody has to think about.
\set n :n + 1
\set id :n * 8 + :client_id
\set site 1 + :client_id % :sites
\set a random(1, :pool / 3)
\set b random(:pool / 3 + 1, :pool * 2 / 3)
\set c random(:pool * 2 / 3 + 1, :pool)
BEGIN;
INSERT INTO idempotency_key (user_id, token_id, mutation, key, input_hash, result, created_at)
VALUES (current_setting('flowviz.user')::uuid, '00000000-0000-0000-0000-000000000000', 'registerLot', :id::bigint::text, sha256(''), '{}', now());
UPDATE lot SET remaining_kg = remaining_kg - 0.1, status = CASE WHEN remaining_kg > 0.1 THEN status ELSE 'CONSUMED' END
WHERE id IN (bench_id(2, :site, :a), bench_id(2, :site, :b), bench_id(2, :site, :c)) AND site_id = :site AND remaining_kg >= 0.1;
INSERT INTO lot (id, site_id, code, lot_type_id, status, source, intricate, weight_kg, remaining_kg, temperature_c, attributes, occurred_at, registered_at, registered_by)
VALUES (bench_id(4, :site, :id), :site, 'BARE-' || :id::bigint, :type::uuid, 'RELEASED', 'PERSON', false, 0.3, 0.3, 2, '{"species": "CHICKEN"}', now(), now(), current_setting('flowviz.user')::uuid);
INSERT INTO transformation (id, site_id, kind, occurred_at, recorded_at, recorded_by)
VALUES (bench_id(4, :site, :id), :site, 'PROCESS', now(), now(), current_setting('flowviz.user')::uuid);
INSERT INTO transformation_input (transformation_id, lot_id, site_id, quantity_kg)
VALUES (bench_id(4, :site, :id), bench_id(2, :site, :a), :site, 0.1), (bench_id(4, :site, :id), bench_id(2, :site, :b), :site, 0.1), (bench_id(4, :site, :id), bench_id(2, :site, :c), :site, 0.1);
INSERT INTO transformation_output (transformation_id, lot_id, site_id, quantity_kg)
VALUES (bench_id(4, :site, :id), bench_id(4, :site, :id), :site, 0.3);
INSERT INTO lot_genealogy (child_id, parent_id, transformation_id, site_id, parent_site_id)
VALUES (bench_id(4, :site, :id), bench_id(2, :site, :a), bench_id(4, :site, :id), :site, :site),
       (bench_id(4, :site, :id), bench_id(2, :site, :b), bench_id(4, :site, :id), :site, :site),
       (bench_id(4, :site, :id), bench_id(2, :site, :c), bench_id(4, :site, :id), :site, :site);
UPDATE site_head SET event_sequence = event_sequence + 2, audit_sequence = audit_sequence + 1, audit_hash = sha256(audit_hash)
WHERE site_id = :site RETURNING event_sequence AS event, audit_sequence AS audit \gset
INSERT INTO audit_event (id, site_id, sequence, occurred_at, user_id, action, subject_kind, subject_id, subject_label, after, prev_hash, hash)
VALUES (bench_id(5, :site, :id), :site, :audit::bigint, now(), current_setting('flowviz.user')::uuid, 'REGISTER_LOT', 'Lot', bench_id(4, :site, :id), 'BARE', '{"kind": "PROCESS", "inputs": [], "outputs": [], "status": "RELEASED"}', sha256(''), sha256(''));
INSERT INTO event (id, site_id, sequence, type, occurred_at, subject_kind, subject_id)
VALUES (bench_id(4, :site, :id), :site, :event::bigint - 1, 'TRANSFORMATION_RECORDED', now(), 'Transformation', bench_id(4, :site, :id)),
       (bench_id(5, :site, :id), :site, :event::bigint, 'LOT_REGISTERED', now(), 'Lot', bench_id(4, :site, :id));
COMMIT;
