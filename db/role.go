package db

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"flowviz/internal/fault"
)

// AppLogin is the role that the app logs in as on a server whose owner it knows. It is a member of flowviz_app, which has the
// rights (migrations/00013_row_level_security.sql).
const AppLogin = "flowviz"

// IsApp reports whether a database's URL is of a role that the app may work as: one with the rights of flowviz_app, and above
// row level security neither by itself nor as an owner of tables.
func IsApp(ctx context.Context, databaseURL string) (bool, error) {
	cfg, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return false, fault.BadInput("DATABASE_URL", "%v", err)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const question = `
		SELECT NOT r.rolsuper AND NOT r.rolbypassrls
			AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)
			AND EXISTS (SELECT FROM pg_roles g WHERE g.rolname = 'flowviz_app' AND pg_has_role(r.oid, g.oid, 'USAGE'))
		FROM pg_roles r WHERE r.rolname = current_user`
	var app bool
	if err := conn.QueryRow(ctx, question).Scan(&app); err != nil {
		return false, fmt.Errorf("look at the database's role: %w", err)
	}
	return app, nil
}

// EnsureAppLogin makes AppLogin, where it is missing, for the owner of a migrated database, and returns the URL to work as it.
// Its password is derived from the owner's: every process that knows the one knows the other. An owner that needs no
// password, as on a local socket, makes a login that has none.
func EnsureAppLogin(ctx context.Context, ownerURL string) (string, error) {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return "", fault.BadInput("DATABASE_URL", "%v", err)
	}
	if cfg.User == AppLogin {
		return "", fault.New(fault.FailedPrecondition, "DATABASE_URL", "the role %s is what flowviz works as, and here it owns the tables, so that "+
			"row level security can't hold it: name another role as the owner", AppLogin)
	}
	user, password := url.User(AppLogin), "NULL"
	if cfg.Password != "" {
		derived := derivedPassword(cfg.Password)
		user, password = url.UserPassword(AppLogin, derived), "'"+derived+"'" // hex needs no escaping
	}
	appURL, err := withUser(ownerURL, user)
	if err != nil {
		return "", err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD %s IN ROLE flowviz_app", AppLogin, password))
	if sqlState(err) == duplicateObject || sqlState(err) == uniqueViolation { // the latter: another process makes it at this moment
		err = renewPassword(ctx, conn, appURL, password)
	}
	if err != nil {
		return "", fmt.Errorf("make the role %s: %w", AppLogin, err)
	}
	return appURL, nil
}

const (
	duplicateObject = "42710"
	uniqueViolation = "23505"
	invalidPassword = "28P01"
)

// renewPassword follows the owner's new password. It is tried first, since processes that all write it get in each other's way.
func renewPassword(ctx context.Context, owner *pgx.Conn, appURL, password string) error {
	app, err := pgx.Connect(ctx, appURL)
	if err == nil {
		return app.Close(ctx)
	}
	if sqlState(err) != invalidPassword {
		return err
	}
	_, err = owner.Exec(ctx, fmt.Sprintf("ALTER ROLE %s PASSWORD %s", AppLogin, password))
	return err
}

func sqlState(err error) string {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal.Code
	}
	return ""
}

func derivedPassword(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(AppLogin))
	return hex.EncodeToString(mac.Sum(nil))
}

func withUser(address string, user *url.Userinfo) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "", fault.BadInput("DATABASE_URL", "write it as a URL, such as postgres://owner:secret@127.0.0.1:5432/flowviz")
	}
	u.User = user
	return u.String(), nil
}
