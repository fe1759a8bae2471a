-- name: UsersByIDs :many
SELECT * FROM app_user WHERE id = ANY(@ids::uuid[]) ORDER BY id;

-- name: InsertUser :exec
INSERT INTO app_user (id, email, full_name) VALUES (@id, @email, @full_name);
