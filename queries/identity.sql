-- name: UsersByIDs :many
SELECT * FROM app_user WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: UserByEmail :one
SELECT * FROM app_user WHERE email = @email;

-- name: UsersPage :many
-- Those with a membership at one of these sites.
SELECT u.* FROM app_user u
WHERE EXISTS (
    SELECT FROM membership m JOIN site s ON s.id = m.site_id
    WHERE m.user_id = u.id AND m.site_id = ANY(@sites::integer[])
      AND (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
      AND (sqlc.narg('role')::role IS NULL OR m.role = sqlc.narg('role'))
  )
  AND (sqlc.narg('active')::boolean IS NULL OR u.active = sqlc.narg('active'))
  AND (sqlc.narg('pattern')::text IS NULL OR u.full_name ILIKE sqlc.narg('pattern') OR u.email ILIKE sqlc.narg('pattern'))
  AND (sqlc.narg('after')::uuid IS NULL OR u.id > sqlc.narg('after'))
ORDER BY u.id
LIMIT @size;

-- name: CountUsers :one
SELECT count(*) FROM app_user u
WHERE EXISTS (
    SELECT FROM membership m JOIN site s ON s.id = m.site_id
    WHERE m.user_id = u.id AND m.site_id = ANY(@sites::integer[])
      AND (sqlc.narg('site')::text IS NULL OR s.code = sqlc.narg('site'))
      AND (sqlc.narg('role')::role IS NULL OR m.role = sqlc.narg('role'))
  )
  AND (sqlc.narg('active')::boolean IS NULL OR u.active = sqlc.narg('active'))
  AND (sqlc.narg('pattern')::text IS NULL OR u.full_name ILIKE sqlc.narg('pattern') OR u.email ILIKE sqlc.narg('pattern'));

-- name: AllUsers :many
-- For the command line alone.
SELECT * FROM app_user ORDER BY email;

-- name: InsertUser :exec
INSERT INTO app_user (id, email, full_name, created_at, created_by) VALUES (@id, @email, @full_name, @created_at, @created_by);

-- name: PutUser :one
-- A new user, or who has the address: they stay as they are, and are locked as by LockUser, for which a row has to be written. Of two at the
-- same time the second waits, and finds the first one's.
INSERT INTO app_user AS u (id, email, full_name, created_at, created_by) VALUES (@id, @email, @full_name, @created_at, @created_by)
ON CONFLICT (email) DO UPDATE SET full_name = u.full_name
RETURNING *;

-- name: LockUser :one
-- One change of a user at a time.
SELECT * FROM app_user WHERE id = @id FOR NO KEY UPDATE;

-- name: LockSharedUser :one
-- The same for one who is a member of one of these sites. For others no more is done than for those who aren't there: how long it took
-- would tell.
SELECT u.* FROM app_user u
WHERE u.id = @id AND EXISTS (SELECT FROM membership m WHERE m.user_id = u.id AND m.site_id = ANY(@sites::integer[]))
FOR NO KEY UPDATE OF u;

-- name: UpdateUser :one
UPDATE app_user SET full_name = @full_name, active = @active WHERE id = @id RETURNING *;

-- name: MembershipsByUsers :many
-- Those at some sites.
SELECT * FROM membership
WHERE user_id = ANY(@user_ids::uuid[]) AND site_id = ANY(@sites::integer[])
ORDER BY user_id, site_id;

-- name: MembershipsOfUser :many
SELECT * FROM membership WHERE user_id = @user_id ORDER BY site_id;

-- name: PutMembership :exec
INSERT INTO membership (user_id, site_id, role) VALUES (@user_id, @site_id, @role)
ON CONFLICT (user_id, site_id) DO UPDATE SET role = excluded.role;

-- name: DeleteMembership :exec
DELETE FROM membership WHERE user_id = @user_id AND site_id = @site_id;

-- name: LockAdmins :many
-- Two who would take each other's role at some sites wait for each other here, always in the same order. Ask SitesWithAdmin
-- afterwards: a statement that waited knows only what stood in the rows that it waited for.
SELECT site_id, user_id FROM membership
WHERE site_id = ANY(@sites::integer[]) AND role = 'ADMIN'
ORDER BY site_id, user_id
FOR UPDATE;

-- name: SitesWithAdmin :many
-- Of some sites those that somebody administers who may sign in.
SELECT DISTINCT m.site_id FROM membership m JOIN app_user u ON u.id = m.user_id
WHERE m.site_id = ANY(@sites::integer[]) AND m.role = 'ADMIN' AND u.active
ORDER BY m.site_id;

-- name: SitesByCodes :many
SELECT * FROM site WHERE code = ANY(@codes::text[]) ORDER BY id;

-- name: CredentialByEmail :one
-- Of who may sign in.
SELECT u.id, u.active, c.hash FROM app_user u JOIN password_credential c ON c.user_id = u.id WHERE u.email = @email;

-- name: CredentialByUser :one
SELECT u.email, c.hash FROM app_user u JOIN password_credential c ON c.user_id = u.id WHERE u.id = @user_id AND u.active;

-- name: PutCredential :exec
INSERT INTO password_credential (user_id, hash, changed_at) VALUES (@user_id, @hash, @changed_at)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;

-- name: ChangeCredential :execrows
-- None where somebody changed it meanwhile.
UPDATE password_credential SET hash = @hash, changed_at = @changed_at WHERE user_id = @user_id AND hash = @old_hash;

-- name: LockExternalUser :one
-- Whom a subject of an identity provider stands for. One sign-in of theirs at a time.
SELECT u.* FROM external_identity e JOIN app_user u ON u.id = e.user_id
WHERE e.issuer = @issuer AND e.subject = @subject
FOR NO KEY UPDATE OF u;

-- name: InsertExternalIdentity :exec
INSERT INTO external_identity (issuer, subject, user_id, created_at) VALUES (@issuer, @subject, @user_id, @created_at);

-- name: ExternalIdentityOfUser :one
SELECT * FROM external_identity WHERE user_id = @user_id;

-- name: PutExternalLink :exec
-- Of several, the last counts.
INSERT INTO external_link (user_id, issuer, subject, created_at) VALUES (@user_id, @issuer, @subject, @created_at)
ON CONFLICT (user_id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject, created_at = excluded.created_at;

-- name: ExternalLink :one
SELECT * FROM external_link WHERE issuer = @issuer AND subject = @subject;

-- name: ExternalLinkOfUser :one
SELECT * FROM external_link WHERE user_id = @user_id;

-- name: DeleteExternalLink :execrows
DELETE FROM external_link WHERE user_id = @user_id AND issuer = @issuer AND subject = @subject;

-- name: DeleteCredential :exec
DELETE FROM password_credential WHERE user_id = @user_id;

-- name: UpdateProfile :exec
UPDATE app_user SET email = @email, full_name = @full_name WHERE id = @id;

-- name: UseReauthentication :execrows
-- Takes away that somebody signed in again, where that was in this time: of two signatures at once the second waits, and finds it used.
UPDATE session SET reauthenticated_at = NULL
WHERE id = @id AND user_id = @user_id AND reauthenticated_at BETWEEN @since::timestamptz AND @until::timestamptz;

-- name: InsertSession :execrows
-- None for who may not sign in. A deactivation at the same time comes before it, or waits and ends it.
INSERT INTO session (id, user_id, created_at, reauthenticated_at, expires_at)
SELECT @id, u.id, @now, sqlc.narg('reauthenticated_at'), @expires_at
FROM app_user u WHERE u.id = @user_id AND u.active
FOR SHARE;

-- name: DeleteEndedSessions :exec
-- What nobody can use any more, with its refresh tokens. A page at a time: nobody waits long for it.
DELETE FROM session WHERE id IN (
    SELECT s.id FROM session s WHERE s.user_id = @user_id AND s.expires_at < @now ORDER BY s.expires_at LIMIT 10
);

-- name: SessionState :one
-- Whether an access token's session goes on.
SELECT s.user_id, (u.active AND s.revoked_at IS NULL AND s.expires_at > @now)::boolean AS live
FROM session s JOIN app_user u ON u.id = s.user_id
WHERE s.id = @id;

-- name: RevokeSession :one
UPDATE session SET revoked_at = @now::timestamptz WHERE id = @id AND revoked_at IS NULL
RETURNING user_id;

-- name: RevokeSessionOfToken :one
UPDATE session s SET revoked_at = @now::timestamptz FROM refresh_token r
WHERE r.hash = @hash AND s.id = r.session_id AND s.revoked_at IS NULL
RETURNING s.user_id;

-- name: RevokeOtherSessions :exec
-- All of a user but one; all where none is named.
UPDATE session SET revoked_at = @now::timestamptz
WHERE user_id = @user_id AND revoked_at IS NULL AND (sqlc.narg('but')::uuid IS NULL OR id <> sqlc.narg('but'));

-- name: InsertRefreshToken :exec
INSERT INTO refresh_token (hash, session_id, created_at, expires_at) VALUES (@hash, @session_id, @created_at, @expires_at);

-- name: RotateRefreshToken :one
-- Of all who come with one token, the first: the others wait for its row, and then find it rotated.
UPDATE refresh_token r SET rotated_at = @now::timestamptz
FROM session s JOIN app_user u ON u.id = s.user_id
WHERE r.hash = @hash AND r.rotated_at IS NULL AND r.expires_at > @now
  AND s.id = r.session_id AND s.revoked_at IS NULL AND s.expires_at > @now AND u.active
RETURNING s.id AS session_id, s.user_id, s.expires_at;

-- name: RefreshTokenByHash :one
SELECT * FROM refresh_token WHERE hash = @hash;

-- name: ApiTokensPage :many
-- Those for one of these sites.
SELECT * FROM api_token
WHERE sites && @sites::integer[] AND (sqlc.narg('after')::uuid IS NULL OR id > sqlc.narg('after'))
ORDER BY id
LIMIT @size;

-- name: CountApiTokens :one
SELECT count(*) FROM api_token WHERE sites && @sites::integer[];

-- name: ApiTokensByIDs :many
SELECT * FROM api_token WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: ApiTokenByID :one
SELECT * FROM api_token WHERE id = @id;

-- name: ApiTokenByHash :one
SELECT t.*, (u.active AND t.revoked_at IS NULL AND t.expires_at > @now)::boolean AS live
FROM api_token t JOIN app_user u ON u.id = t.created_by
WHERE t.hash = @hash;

-- name: InsertApiToken :one
-- None for who may not sign in. A deactivation at the same time comes before it, or waits and ends it.
INSERT INTO api_token (id, hash, name, role, sites, read_only, created_by, created_at, expires_at)
SELECT @id, @hash, @name, @role, @sites, @read_only, u.id, @created_at, @expires_at
FROM app_user u WHERE u.id = @created_by AND u.active
FOR SHARE
RETURNING *;

-- name: RevokeApiToken :one
-- One that was revoked stays as it is, and no row comes back.
UPDATE api_token SET revoked_at = @now::timestamptz WHERE id = @id AND revoked_at IS NULL RETURNING *;

-- name: RevokeApiTokensOf :many
-- All that somebody made and that still hold.
UPDATE api_token SET revoked_at = @now::timestamptz
WHERE created_by = @created_by AND revoked_at IS NULL AND expires_at > @now
RETURNING *;

-- name: CountGuess :one
-- Notes a guess, unless there were as many as allowed since the window's start. No row comes back then. Of guesses at the same time each
-- waits for the one before it.
INSERT INTO password_guess AS g (subject, guessed_at, latest_at)
VALUES (@subject, ARRAY[@now::timestamptz], @now)
ON CONFLICT (subject) DO UPDATE
SET guessed_at = array(SELECT t FROM unnest(g.guessed_at) t WHERE t > @since::timestamptz ORDER BY t) || @now::timestamptz, latest_at = @now
WHERE (SELECT count(*) FROM unnest(g.guessed_at) t WHERE t > @since::timestamptz) < @allowed::integer
RETURNING subject;

-- name: OldestGuess :one
-- The first guess since the window's start.
SELECT t::timestamptz FROM password_guess g, unnest(g.guessed_at) t WHERE g.subject = @subject AND t > @since::timestamptz ORDER BY t LIMIT 1;

-- name: ForgiveGuess :exec
-- Takes back one guess, which was right.
UPDATE password_guess g
SET guessed_at = g.guessed_at[:array_position(g.guessed_at, @guessed_at::timestamptz) - 1]
              || g.guessed_at[array_position(g.guessed_at, @guessed_at::timestamptz) + 1:]
WHERE g.subject = @subject AND @guessed_at::timestamptz = ANY(g.guessed_at);

-- name: DeleteOldGuesses :exec
-- Rows that count nothing any more, a few at each guess, so that the table stays small without anybody who sweeps it.
DELETE FROM password_guess WHERE subject IN (
    SELECT g.subject FROM password_guess g WHERE g.latest_at < @since ORDER BY g.latest_at LIMIT 10 FOR UPDATE SKIP LOCKED
);

-- name: InsertRefusedPassword :exec
INSERT INTO refused_password (id, user_id, tried_at, address, request_id) VALUES (@id, @user_id, @tried_at, @address, @request_id);

-- name: TakeRefusedPassword :one
-- The next one that no log has yet; none where another process takes it at this moment.
DELETE FROM refused_password WHERE id = (SELECT r.id FROM refused_password r ORDER BY r.id LIMIT 1) RETURNING *;

-- name: SignaturesByIDs :many
SELECT * FROM signature WHERE id = ANY(@ids::uuid[]);

-- name: InsertSignature :exec
INSERT INTO signature (id, user_id, meaning, content_hash, signed_at) VALUES (@id, @user_id, @meaning, @content_hash, @signed_at);
