-- name: LockSitesShared :exec
-- What most commands do first: others may work at the sites at the same time, but nobody may stop lots there meanwhile.
SELECT pg_advisory_xact_lock_shared(@class::integer, s.id) FROM (SELECT unnest(@sites::integer[]) AS id ORDER BY 1) s;

-- name: LockSites :exec
-- What a command does first that stops lots or changes what was linked: nobody else may work at the sites meanwhile.
SELECT pg_advisory_xact_lock(@class::integer, s.id) FROM (SELECT unnest(@sites::integer[]) AS id ORDER BY 1) s;

-- name: ClaimIdempotencyKey :execrows
-- One row where the key is new, or so old that it is forgotten. Of two at the same time the second waits for the first.
INSERT INTO idempotency_key AS k (user_id, token_id, mutation, key, input_hash, created_at)
VALUES (@user_id, @token_id, @mutation, @key, @input_hash, @created_at)
ON CONFLICT (user_id, token_id, mutation, key) DO UPDATE
SET input_hash = excluded.input_hash, created_at = excluded.created_at, result = NULL
WHERE k.created_at < @forgotten_before;

-- name: IdempotencyKey :one
SELECT * FROM idempotency_key WHERE user_id = @user_id AND token_id = @token_id AND mutation = @mutation AND key = @key;

-- name: KeepResult :exec
UPDATE idempotency_key SET result = @result
WHERE user_id = @user_id AND token_id = @token_id AND mutation = @mutation AND key = @key;

-- name: ActFor :exec
-- From here on the transaction sees what a user sees of their own.
SELECT set_config('flowviz.user', CAST(@user_id::uuid AS text), true);

-- name: ForgetIdempotencyKeys :one
SELECT forget_idempotency_keys(@before);

-- name: AppendEvents :exec
-- The site's next events, in the order given, without an answer. The head's row stays locked until the transaction ends: its numbers
-- have no gap, and whoever has read one has missed none before it.
WITH head AS (
    UPDATE site_head h SET event_sequence = h.event_sequence + cardinality(@ids::uuid[]) WHERE h.site_id = @site_id
    RETURNING h.site_id, h.event_sequence - cardinality(@ids::uuid[]) AS last
), appended AS (
    INSERT INTO event (id, site_id, sequence, type, occurred_at, subject_kind, subject_id, run_id, data)
    SELECT e.id, head.site_id, head.last + e.place, e.type, @occurred_at, e.subject_kind, e.subject_id,
           nullif(e.run_id, '00000000-0000-0000-0000-000000000000'), e.data::jsonb
    FROM head, (
        SELECT generate_series(1, cardinality(@ids::uuid[])) AS place, unnest(@ids::uuid[]) AS id, unnest(@types::text[]) AS type,
               unnest(@subject_kinds::text[]) AS subject_kind, unnest(@subject_ids::uuid[]) AS subject_id, unnest(@run_ids::uuid[]) AS run_id,
               unnest(@data::text[]) AS data
    ) e
    RETURNING 1
)
SELECT insist((SELECT count(*) FROM appended) = cardinality(@ids::uuid[]), 'a site without a head');
