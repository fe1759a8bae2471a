package graph_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestFaultsOfLiterals: what is wrong with a value in the document names the argument in which it stands, as what is wrong with a
// variable does.
func TestFaultsOfLiterals(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	for query, field := range map[string]string{
		`{ lots(filter: {status: [RELEASED, GONE]}) { nodes { code } } }`:                                           "filter.status[1]",
		`{ lots(filter: {status: "RELEASED"}) { nodes { code } } }`:                                                 "filter.status",
		`{ lots(first: TEN) { nodes { code } } }`:                                                                   "first",
		`{ lots(filter: {statuss: RELEASED}) { nodes { code } } }`:                                                  "filter.statuss",
		`{ lot(code: "x") { genealogy(direction: SIDEWAYS) { nodes { depth } } } }`:                                 "direction",
		`query A { ...F } fragment F on Query { alerts(filter: {kind: NONE}) { nodes { message } } }`:               "filter.kind",
		`mutation { createUser(input: {email: "a", fullName: "b", memberships: []}) { user { id } } }`:              "input",
		`mutation { updateUser(input: {userId: "a", memberships: [{siteCode: "A", role: BOSS}]}) { user { id } } }`: "input.memberships[0].role",
		"query ($n: Int = FEW) {\n  lots(first: $n) { nodes { code } }\n}":                                          "n",
		"{\n  a: lots(first: 1) { nodes { code } }\n  b: lots(filter: {\n status: GONE\n }) { nodes { code } }\n}":  "filter.status",
		`{ sites @include(if: PERHAPS) { code } }`:                                                                  "if",
	} {
		_, answer, _ := ask(t, h, query, nil)
		if !strings.Contains(string(answer), `"code":"BAD_USER_INPUT","field":"`+field+`"`) || !strings.Contains(string(answer), `"message":"`+field+`: `) {
			t.Errorf("%s: %s\nwant %s", query, answer, field)
		}
	}
}

// TestNoSecretIsRepeated: a password that isn't written as a text is refused without it.
func TestNoSecretIsRepeated(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	const variable = `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`
	for _, c := range []struct{ query, variables string }{
		{`mutation { login(input: {email: "a", password: swordfish}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: {swordfish: 1}}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: ["swordfish"]}) { accessToken } }`, `{}`},
		{`mutation { changePassword(input: {currentPassword: swordfish, newPassword: "a"}) { user { id } } }`, `{}`},
		{`mutation { refreshToken(input: {refreshToken: swordfish}) { accessToken } }`, `{}`},
		{`mutation ($p: String! = swordfish) { login(input: {email: "a", password: $p}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", passwort: "swordfish"}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "swordfish` + "\n" + `"}) { accessToken } }`, `{}`},
		{variable, `{"input": {"email": "a", "password": ["swordfish"]}}`},
		{variable, `{"input": {"email": "a", "password": {"swordfish": 1}}}`},
		{variable, `{"input": {"email": "a", "password": 77777}}`},
		{variable, `{"input": "swordfish"}`},
	} {
		_, answer, _ := ask(t, h, c.query, json.RawMessage(c.variables))
		if !strings.Contains(string(answer), `"code":"BAD_USER_INPUT"`) || strings.Contains(string(answer), "swordfish") || strings.Contains(string(answer), "77777") {
			t.Errorf("%s %s: %s", c.query, c.variables, answer)
		}
	}
}
