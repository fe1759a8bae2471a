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

// TestNoSecretIsRepeated: a password that isn't written as a text, or in the wrong place, is refused without it.
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
		// in place of the input
		{`mutation { login(input: "swordfish") { accessToken } }`, `{}`},
		{`mutation { login(input: ["swordfish"]) { accessToken } }`, `{}`},
		{`mutation { changePassword(input: swordfish) { user { id } } }`, `{}`},
		{`mutation { releaseLot(input: """swordfish""") { lot { id } } }`, `{}`},
		{`mutation ($input: LoginInput! = "swordfish") { login(input: $input) { accessToken } }`, `{}`},
		{`query ($input: LoginInput = "swordfish") { sites { code } }`, `{}`},
		// in place of another field of it
		{`mutation { login(input: {email: "a", password: "b", cookie: "swordfish"}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "b", cookie: swordfish}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "b", cookie: 77777}) { accessToken } }`, `{}`},
		{`mutation { createUser(input: {email: "a", fullName: "b", password: "c", memberships: [{siteCode: "A", role: swordfish}]}) { user { id } } }`, `{}`},
		{`mutation { createUser(input: {email: "a", fullName: "b", password: "c", memberships: [{siteCode: "A", role: "swordfish"}]}) { user { id } } }`, `{}`},
		{`mutation { releaseLot(input: {lotId: "swordfish", reason: "a", password: "b"}) { lot { id } } }`, `{}`},
		{`mutation { releaseLot(input: {lotId: 77777, reason: "a", password: "b"}) { lot { id } } }`, `{}`},
		{variable, `{"input": {"email": "a", "password": "b", "cookie": "swordfish"}}`},
		{`mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }`, `{"input": {"email": "a", "fullName": "b", "password": "c", "memberships": [{"siteCode": "A", "role": "swordfish: x"}]}}`},
		{`mutation ($input: ReleaseLotInput!) { releaseLot(input: $input) { lot { id } } }`, `{"input": {"lotId": "a\"swordfish", "reason": "a"}}`},
		// as a name
		{`mutation { login(input: {email: "a", swordfish: "b"}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "b", swordfish: {a: 1}}) { accessToken } }`, `{}`},
		{`mutation { login(swordfish: 1) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: $swordfish}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "b"}) { swordfish } }`, `{}`},
		{variable, `{"input": {"email": "a", "password": "b", "swordfish": 1}}`},
		{variable, `{"input": {"email": "a", "password": "b", "swordfish": {"email": 1}}}`},
		{`mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }`, `{"input": {"email": "a", "fullName": "b", "password": "c", "memberships": [{"swordfish": 1}]}}`},
		// where it can't be read
		{`mutation { login("swordfish") { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a" password: {sword swordfish}}) { accessToken } }`, `{}`},
		{`mutation { login(input: {email: "a", password: "b"}) { accessToken } } "swordfish"`, `{}`},
		{`mutation { login(input: {email: "a", password: "b"}) { accessToken } } swordfish`, `{}`},
	} {
		_, answer, _ := ask(t, h, c.query, json.RawMessage(c.variables))
		if !strings.Contains(string(answer), `"code":"BAD_USER_INPUT"`) || strings.Contains(string(answer), "swordfish") || strings.Contains(string(answer), "77777") {
			t.Errorf("%s %s: %s", c.query, c.variables, answer)
		}
	}
}

// TestWhatIsSaidInstead: where something isn't repeated, its type and its place are told.
func TestWhatIsSaidInstead(t *testing.T) {
	t.Parallel()
	h := demoHandler(t)
	for query, want := range map[string]string{
		`mutation { login(input: "swordfish") { accessToken } }`:                                                    `"message":"input: Expected value of type \"LoginInput!\"","locations":[{"line":1,"column":26}],"extensions":{"code":"BAD_USER_INPUT","field":"input"}`,
		`mutation { login(input: {email: "a", password: "b", cookie: "swordfish"}) { accessToken } }`:               `"message":"input.cookie: Boolean cannot represent a non boolean value"`,
		`mutation { login(input: {email: "a", password: "b", swordfish: 1}) { accessToken } }`:                      `"message":"input: Field \"…\" is not defined by type \"LoginInput\"."`,
		`mutation { login(input: {email: "a", passwort: "b"}) { accessToken } }`:                                    `is not defined by type \"LoginInput\". Did you mean \"password\"?"`,
		`mutation { login(input: {email: "a"}) { accessToken } }`:                                                   `"message":"input: Field \"LoginInput.password\" of required type \"String!\" was not provided."`,
		`mutation { releaseLot(input: {lotId: "x", reason: "a"}) { lot { id } } }`:                                  `"message":"input.lotId: \"…\" is no id of this API: pass an id as a query returned it"`,
		`mutation { updateUser(input: {userId: "a", memberships: [{siteCode: "A", role: BOSS}]}) { user { id } } }`: `"message":"input.memberships[0].role: Value \"BOSS\" does not exist in \"Role!\" enum."`,
	} {
		if _, answer, _ := ask(t, h, query, nil); !strings.Contains(string(answer), want) {
			t.Errorf("%s: %s\nwant %s", query, answer, want)
		}
	}
}
