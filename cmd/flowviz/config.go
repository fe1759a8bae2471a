package main

import (
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/spf13/pflag"

	"flowviz/internal/fault"
)

// config is what the environment says and flags override. .env.example explains each to who runs flowviz.
type config struct {
	Addr                 string `env:"FLOWVIZ_ADDR"`
	DatabaseURL          string `env:"DATABASE_URL"`
	DatabaseURLFile      string `env:"DATABASE_URL_FILE,file"` // the file's content: a secret that a container engine mounts
	ValkeyURL            string `env:"VALKEY_URL"`
	Data                 string `env:"FLOWVIZ_DATA"`
	JWTKeys              string `env:"FLOWVIZ_JWT_KEYS"`
	DemoPassword         string `env:"FLOWVIZ_DEMO_PASSWORD"`
	Origins              string `env:"FLOWVIZ_ORIGINS"`
	OIDCIssuer           string `env:"FLOWVIZ_OIDC_ISSUER"`
	OIDCClientID         string `env:"FLOWVIZ_OIDC_CLIENT_ID"`
	OIDCClientSecret     string `env:"FLOWVIZ_OIDC_CLIENT_SECRET"`
	OIDCClientSecretFile string `env:"FLOWVIZ_OIDC_CLIENT_SECRET_FILE,file"` // the file's content, as of DATABASE_URL_FILE
	OIDCRedirectURL      string `env:"FLOWVIZ_OIDC_REDIRECT_URL"`
	OIDCScopes           string `env:"FLOWVIZ_OIDC_SCOPES"`
	OIDCRolesClaim       string `env:"FLOWVIZ_OIDC_ROLES_CLAIM"`
	OIDCRoles            string `env:"FLOWVIZ_OIDC_ROLES"`
	TrustedProxies       string `env:"FLOWVIZ_TRUSTED_PROXIES"`
	Introspection        string `env:"FLOWVIZ_INTROSPECTION"`
	Documents            string `env:"FLOWVIZ_TRUSTED_DOCUMENTS"`
	Rates                string `env:"FLOWVIZ_RATE_LIMITS"`
	Checkpoints          string `env:"FLOWVIZ_CHECKPOINTS"`
	CheckpointKey        string `env:"FLOWVIZ_CHECKPOINT_KEY"` // a file
	S3Endpoint           string `env:"FLOWVIZ_S3_ENDPOINT"`
	S3Region             string `env:"FLOWVIZ_S3_REGION"`
	S3AccessKey          string `env:"FLOWVIZ_S3_ACCESS_KEY"`
	S3SecretKey          string `env:"FLOWVIZ_S3_SECRET_KEY"`
	S3SecretKeyFile      string `env:"FLOWVIZ_S3_SECRET_KEY_FILE,file"` // the file's content, as of DATABASE_URL_FILE
}

// on and off are what switches say.
const (
	on  = "on"
	off = "off"
)

const (
	defaultAddr       = "127.0.0.1:8080"
	defaultData       = "./data"
	defaultRolesClaim = "flowviz_roles"
)

func readConfig(environ []string) (config, error) {
	cfg := config{Addr: defaultAddr, Data: defaultData, OIDCRolesClaim: defaultRolesClaim, Introspection: on, Rates: on}
	if err := env.ParseWithOptions(&cfg, env.Options{Environment: env.ToMap(environ)}); err != nil {
		return config{}, fault.BadInput("", "%s", oneLine(err))
	}
	for name, value := range map[string]string{"FLOWVIZ_INTROSPECTION": cfg.Introspection, "FLOWVIZ_RATE_LIMITS": cfg.Rates} {
		if value != on && value != off {
			return config{}, fault.BadInput(name, "is %q, and can be on or off", value)
		}
	}
	err := cfg.readFiles()
	return cfg, err
}

// readFiles takes secrets from the files that a container engine mounts.
func (c *config) readFiles() error {
	for _, secret := range []struct {
		name    string
		value   *string
		content string
	}{
		{"DATABASE_URL", &c.DatabaseURL, c.DatabaseURLFile},
		{"FLOWVIZ_OIDC_CLIENT_SECRET", &c.OIDCClientSecret, c.OIDCClientSecretFile},
		{"FLOWVIZ_S3_SECRET_KEY", &c.S3SecretKey, c.S3SecretKeyFile},
	} {
		if secret.content == "" {
			continue
		}
		if *secret.value != "" {
			return fault.BadInput(secret.name+"_FILE", "%s is set too: unset one of them", secret.name)
		}
		*secret.value = strings.TrimSpace(secret.content)
	}
	return nil
}

// addFlags adds those that every sub-command has. What help shows as default doesn't depend on the environment: it could
// hold a password.
func (c *config) addFlags(flags *pflag.FlagSet) {
	override(flags, &c.Data, "data", defaultData, "`folder` of the embedded PostgreSQL, used without a database URL ($FLOWVIZ_DATA)")
	override(flags, &c.DatabaseURL, "database-url", "", "PostgreSQL's `URL`; one with a password is safer in the environment ($DATABASE_URL)")
}

// addAddr adds the flag of the sub-commands that serve.
func (c *config) addAddr(flags *pflag.FlagSet) {
	override(flags, &c.Addr, "addr", defaultAddr, "`address` to serve on ($FLOWVIZ_ADDR)")
}

// override adds a flag for a value that the environment has set, or hasn't.
func override(flags *pflag.FlagSet, value *string, name, standard, usage string) {
	flags.StringVar(value, name, *value, usage)
	flags.Lookup(name).DefValue = standard
}
