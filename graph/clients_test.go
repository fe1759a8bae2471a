package graph_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"flowviz/db"
)

// TestProveClients runs the recipes of docs/live.md with the clients that they are for, directly and through nginx.
func TestProveClients(t *testing.T) {
	t.Parallel()
	const folder = "../tools/graphql-clients"
	node, err := exec.LookPath("node")
	if err != nil {
		lacking(t, "node", "install Node.js 20.19 or later")
	}
	if _, err := os.Stat(folder + "/node_modules/urql"); err != nil {
		lacking(t, "clients of GraphQL", "npm ci, in tools/graphql-clients/")
	}
	tw := newTower(t, db.RoleMANAGER)
	out, err := exec.CommandContext(t.Context(), node, folder+"/clients.mjs", tw.token, "directly="+tw.url+"/graphql", "through nginx="+proxied(t, tw.url)+"/graphql").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		t.Log(strings.TrimSpace(line))
	}
}

// proxied is the address of an nginx before a server, set up as deploy/nginx.conf says.
func proxied(t *testing.T, url string) string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		lacking(t, "nginx", "apt-get install nginx")
	}
	advised, err := os.ReadFile("../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	dir := t.TempDir()
	site := strings.NewReplacer("127.0.0.1:8080", strings.TrimPrefix(url, "http://"), "127.0.0.1:8443", address).Replace(string(advised))
	around := "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off; client_body_temp_path body; proxy_temp_path proxy;\n" +
		"fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n" + site + "}\n"
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(around), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, program, "-p", dir, "-c", config, "-e", "stderr")
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = server.Wait() // it was killed, and says so
	})
	waitUntil(t, func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
	return "http://" + address
}
