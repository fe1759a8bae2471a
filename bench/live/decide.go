package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"flowviz/bench/lab"
)

// line is the API, on which somebody decides.
type line struct {
	address, token string
	client         *lab.Client
	site, gate     string
}

func newLine(address, token string) *line {
	return &line{address: address, token: token, client: lab.NewClient(2)}
}

// ask fails where it is refused.
func (l *line) ask(ctx context.Context, document string, variables, into any) error {
	req, err := lab.GraphQL(ctx, l.address, l.token, document, variables)
	if err != nil {
		return err
	}
	body, err := l.client.Body(req)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage
		Errors []json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) > 0 {
		return fmt.Errorf("%s\n%s (%w)", document, body[:min(len(body), 2000)], err)
	}
	return json.Unmarshal(answer.Data, into)
}

// learn finds a gate at which raw meat is decided on.
func (l *line) learn(ctx context.Context) error {
	var known struct {
		Sites    []struct{ Code string }
		Scenario struct {
			Gates []struct {
				ID       string
				PerLot   bool
				LotTypes []struct{ Code string }
			}
		}
	}
	err := l.ask(ctx, `{ sites { code } scenario(key: "doner-frozen") { gates { id perLot lotTypes { code } } } }`, nil, &known)
	if err != nil {
		return err
	}
	l.site = known.Sites[0].Code
	for _, gate := range known.Scenario.Gates {
		if gate.PerLot && slices.ContainsFunc(gate.LotTypes, func(t struct{ Code string }) bool { return t.Code == "RAW" }) {
			l.gate = gate.ID
			return nil
		}
	}
	return errors.New("no gate decides on raw meat")
}

// arrive has raw meat arrive, and returns the ids of its n lots.
func (l *line) arrive(ctx context.Context, n int) ([]string, error) {
	lots := make([]string, n)
	for i := range lots {
		var err error
		if lots[i], err = l.receive(ctx); err != nil {
			return nil, err
		}
	}
	return lots, nil
}

func (l *line) receive(ctx context.Context) (id string, err error) {
	var made struct {
		RegisterLot struct{ Lot struct{ ID string } }
	}
	err = l.ask(ctx, `mutation ($input: RegisterLotInput!) { registerLot(input: $input) { lot { id } } }`, object{"input": object{
		"siteCode": l.site, "scenarioKey": "doner-frozen", "lotType": "RAW", "weightKg": "100", "temperatureC": "2", "attributes": object{"species": "CHICKEN"},
	}}, &made)
	return made.RegisterLot.Lot.ID, err
}

// decide holds a lot.
func (l *line) decide(ctx context.Context, lot string) error {
	return l.ask(ctx, `mutation ($input: RecordQcDecisionInput!) { recordQcDecision(input: $input) { decision { id } } }`, object{"input": object{
		"gateId": l.gate, "lotId": lot, "decision": "HOLD", "notes": "the seal of the box is broken",
	}}, &struct{}{})
}

// object is one in JSON.
type object = map[string]any

// tokens are n API tokens for those who listen.
func (l *line) tokens(ctx context.Context, n int) ([]string, error) {
	tokens := make([]string, n)
	for i := range tokens {
		var made struct{ CreateAPIToken struct{ Secret string } }
		err := l.ask(ctx, `mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }`, object{"input": object{
			"name": fmt.Sprintf("screen %d", i), "role": "VIEWER", "siteCodes": []string{l.site}, "expiresAt": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
		}}, &made)
		if err != nil {
			return nil, err
		}
		tokens[i] = made.CreateAPIToken.Secret
	}
	return tokens, nil
}
