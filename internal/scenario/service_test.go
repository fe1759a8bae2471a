package scenario_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

func TestAVersionsLife(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.create("1.0.0")
	for name, err := range map[string]error{
		"publish":   second(o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: first, Password: password})),
		"return":    second(o.scenarios.Return(o.manager, scenario.Return{ScenarioID: first, Reason: "the pot is another"})),
		"deprecate": second(o.scenarios.Deprecate(o.manager, scenario.Deprecation{ScenarioID: first, Reason: "the pot is another"})),
	} {
		refused(t, name+" a draft", err, fault.FailedPrecondition, "scenarioId")
	}
	o.submit(first)
	refused(t, "submit again", second(o.scenarios.Submit(o.manager, scenario.Submission{ScenarioID: first})), fault.FailedPrecondition, "scenarioId")
	refused(t, "change in review", second(o.scenarios.Change(o.manager, scenario.Change{ScenarioID: first, Definition: json.RawMessage(asJSON(t, soup(t, "1.0.0")))})), fault.FailedPrecondition, "scenarioId")
	_, err := o.scenarios.Return(o.manager, scenario.Return{ScenarioID: first, Reason: "  the pot is another "})
	fatal(t, err)
	o.submit(first)
	if p := o.publish(first); p.ID != first.UUID || p.Replaced != nil {
		t.Errorf("the first: %v", p)
	}
	next := o.create("1.1.0")
	o.submit(next)
	if p := o.publish(next); p.ID != next.UUID || p.Replaced == nil || *p.Replaced != first.UUID {
		t.Errorf("the next: %v", p)
	}
	if a, b := o.stored(first).Status, o.stored(next).Status; a != db.ScenarioStatusDEPRECATED || b != db.ScenarioStatusPUBLISHED {
		t.Errorf("%s and %s", a, b)
	}
	_, err = o.scenarios.Deprecate(o.manager, scenario.Deprecation{ScenarioID: next, Reason: "nobody likes soup"})
	fatal(t, err)
	refused(t, "publish what is over", second(o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: next, Password: password})), fault.FailedPrecondition, "scenarioId")

	// Every site's log has all of it, also where the manager is nobody.
	rows, err := o.owner.Query(t.Context(), `SELECT string_agg(action || coalesce(': ' || reason, '') || CASE WHEN signature_id IS NULL THEN '' ELSE ', signed' END, E'\n' ORDER BY sequence)
		FROM audit_event WHERE action LIKE '%SCENARIO' GROUP BY site_id`)
	fatal(t, err)
	var logs []string
	for rows.Next() {
		var log string
		fatal(t, rows.Scan(&log))
		logs = append(logs, log)
	}
	fatal(t, rows.Err())
	want := strings.Join([]string{
		"CREATE_SCENARIO", "SUBMIT_SCENARIO", "RETURN_SCENARIO: the pot is another", "SUBMIT_SCENARIO", "PUBLISH_SCENARIO, signed",
		"CREATE_SCENARIO", "SUBMIT_SCENARIO", "DEPRECATE_SCENARIO: version 1.1.0 is published in its place", "PUBLISH_SCENARIO, signed", "DEPRECATE_SCENARIO: nobody likes soup",
	}, "\n")
	if diff := cmp.Diff([]string{want, want}, logs); diff != "" {
		t.Errorf("logs (-want +got):\n%s", diff)
	}
	if n := o.count("event WHERE type = 'MASTER_DATA_CHANGED' AND subject_kind = 'Scenario'"); n != 20 {
		t.Errorf("%d events, not 10 a site", n)
	}
}

// second is the error of a call.
func second[T any](_ T, err error) error { return err }

func TestCreateStoresTheDefinition(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	def := soup(t, "1.0.0")
	id := o.create("1.0.0")
	q := db.New(o.owner)
	if diff := cmp.Diff(parts(def), storedParts(t.Context(), t, q, id.UUID)); diff != "" {
		t.Error(diff)
	}
	refused(t, "the same again", second(o.scenarios.Create(o.manager, scenario.Creation{Definition: json.RawMessage(asJSON(t, def))})), fault.Conflict, "definition.version")

	// What the API gives is what it takes.
	exported := strings.Replace(string(o.stored(id).Definition), `"1.0.0"`, `"1.0.1"`, 1)
	again, err := o.scenarios.Create(o.manager, scenario.Creation{Definition: json.RawMessage(exported)})
	fatal(t, err)
	var back definition.Scenario
	fatal(t, json.Unmarshal(o.stored(apiID(again)).Definition, &back))
	if diff := cmp.Diff(asJSON(t, soup(t, "1.0.1")), asJSON(t, &back)); diff != "" {
		t.Error(diff)
	}
}

func TestCreateNamesEachFault(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	broken := strings.NewReplacer(
		`"number":2,"stream"`, `"stream"`, // a phase without a number
		`"number":"1","phase":1`, `"number":"1","phase":7`, // a gate on no phase
		`"output":"POT","inputs":["VEG","REST"]`, `"output":"POT","inputs":["SOUP"]`, // a phase that can't be reached
		`"min":0,"max":7`, `"min":9,"max":7`, // an impossible limit
	).Replace(asJSON(t, soup(t, "1.0.0")))
	_, err := o.scenarios.Create(o.manager, scenario.Creation{Definition: json.RawMessage(broken)})
	var list fault.List
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, f := range list {
		fields[f.Field] = true
		if f.Code != fault.BadUserInput {
			t.Errorf("%s: %s", f.Field, f.Code)
		}
	}
	for _, want := range []string{"definition.phases[2].number", "definition.gates[0].phase", "definition.gates[0].limits[0].anyOf[0][0].max", "definition.phases[2].creates[0]"} {
		if !fields[want] {
			t.Errorf("nothing about %s in\n%v", want, err)
		}
	}
	faults, err := o.scenarios.Faults(o.manager, json.RawMessage(broken))
	if err != nil || len(faults) != len(list) || faults[0].Pointer == "" {
		t.Errorf("%d faults, not %d: %v", len(faults), len(list), err)
	}
	if n := o.count("scenario"); n != 0 {
		t.Errorf("%d are stored", n)
	}
	if faults, err := o.scenarios.Faults(o.manager, json.RawMessage(asJSON(t, soup(t, "1.0.0")))); err != nil || faults == nil || len(faults) != 0 {
		t.Errorf("whole: %v, %v", faults, err)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	raw := `{"gates":[` + strings.TrimSuffix(strings.Repeat(`0,`, 1000), ",") + `]}`
	faults, err := o.scenarios.Faults(o.manager, json.RawMessage(raw))
	if err != nil || len(faults) != 200 || !strings.Contains(faults[199].Message, "more faults") {
		t.Errorf("%d: %v", len(faults), err)
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	from := o.create("1.0.0")
	o.submit(from)
	o.publish(from)
	id, err := o.scenarios.Copy(o.manager, scenario.Copying{ScenarioID: from, Version: "1.1.0"})
	fatal(t, err)
	if s := o.stored(apiID(id)); s.Status != db.ScenarioStatusDRAFT || s.Version != "1.1.0" || s.Key != "vegetable-soup" {
		t.Errorf("%s %s %s", s.Key, s.Version, s.Status)
	}
	id, err = o.scenarios.Copy(o.manager, scenario.Copying{ScenarioID: from, Version: "1.0.0", Key: new("pea-soup")})
	fatal(t, err)
	if s := o.stored(apiID(id)); s.Key != "pea-soup" {
		t.Error(s.Key)
	}
	for name, c := range map[string]struct {
		copying scenario.Copying
		code    fault.Code
		field   string
	}{
		"there already": {scenario.Copying{ScenarioID: from, Version: "1.1.0"}, fault.Conflict, "version"},
		"no version":    {scenario.Copying{ScenarioID: from, Version: "next"}, fault.BadUserInput, "version"},
		"a bad key":     {scenario.Copying{ScenarioID: from, Version: "1.0.0", Key: new("Pea Soup")}, fault.BadUserInput, "key"},
		"of nothing":    {scenario.Copying{ScenarioID: apiID(uuid.New()), Version: "1.0.0"}, fault.NotFound, "scenarioId"},
		"of a run":      {scenario.Copying{ScenarioID: relay.ID{Kind: relay.Run}, Version: "1.0.0"}, fault.BadUserInput, "scenarioId"},
	} {
		refused(t, name, second(o.scenarios.Copy(o.manager, c.copying)), c.code, c.field)
	}
}

func TestChangeRewritesADraft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.create("1.0.0")
	o.create("2.0.0")
	def := changed(t, soup(t, "1.0.1"), func(s *definition.Scenario) {
		s.Name.En, s.Streams[0].Name.En, s.Gates = "Pea soup", "Kettles", s.Gates[1:]
	})
	_, err := o.scenarios.Change(o.manager, scenario.Change{ScenarioID: id, Definition: json.RawMessage(asJSON(t, def))})
	fatal(t, err)
	if diff := cmp.Diff(parts(def), storedParts(t.Context(), t, db.New(o.owner), id.UUID)); diff != "" {
		t.Error(diff)
	}
	if s := o.stored(id); s.Version != "1.0.1" || english(t, s.Name) != "Pea soup" {
		t.Errorf("%s %s", s.Version, s.Name)
	}
	for name, c := range map[string]struct {
		change func(*definition.Scenario)
		code   fault.Code
		field  string
	}{
		"another key":        {func(s *definition.Scenario) { s.Key = "pea-soup" }, fault.BadUserInput, "definition.key"},
		"a version twice":    {func(s *definition.Scenario) { s.Version = "2.0.0" }, fault.Conflict, "definition.version"},
		"a phase that isn't": {func(s *definition.Scenario) { s.Equipment[0].Phase = 9 }, fault.BadUserInput, "definition.equipment[0].phase"},
	} {
		raw := json.RawMessage(asJSON(t, changed(t, def, c.change)))
		refused(t, name, second(o.scenarios.Change(o.manager, scenario.Change{ScenarioID: id, Definition: raw})), c.code, c.field)
	}
	var before, after string
	fatal(t, o.owner.QueryRow(t.Context(), "SELECT before ->> 'definitionSha256', after ->> 'definitionSha256' FROM audit_event WHERE action = 'CHANGE_SCENARIO' LIMIT 1").Scan(&before, &after))
	if len(before) != 64 || len(after) != 64 || before == after {
		t.Errorf("from %s to %s", before, after)
	}
}

func TestOnlyAManager(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.create("1.0.0")
	raw := json.RawMessage(asJSON(t, soup(t, "1.0.1")))
	reader := *identity.ActorFrom(o.manager)
	reader.ReadOnly = true
	for name, command := range map[string]func() error{
		"create": func() error { return second(o.scenarios.Create(o.operator, scenario.Creation{Definition: raw})) },
		"copy": func() error {
			return second(o.scenarios.Copy(o.operator, scenario.Copying{ScenarioID: id, Version: "1.0.1"}))
		},
		"change": func() error {
			return second(o.scenarios.Change(o.operator, scenario.Change{ScenarioID: id, Definition: raw}))
		},
		"submit": func() error { return second(o.scenarios.Submit(o.operator, scenario.Submission{ScenarioID: id})) },
		"return": func() error {
			return second(o.scenarios.Return(o.operator, scenario.Return{ScenarioID: id, Reason: "too much salt"}))
		},
		"publish": func() error {
			return second(o.scenarios.Publish(o.operator, scenario.Publication{ScenarioID: id, Password: password}))
		},
		"deprecate": func() error {
			return second(o.scenarios.Deprecate(o.operator, scenario.Deprecation{ScenarioID: id, Reason: "too much salt"}))
		},
		"faults": func() error { return second(o.scenarios.Faults(o.operator, raw)) },
		"a program that only reads": func() error {
			return second(o.scenarios.Submit(identity.WithActor(t.Context(), &reader), scenario.Submission{ScenarioID: id}))
		},
	} {
		refused(t, name, command(), fault.Forbidden, "")
	}
}

func TestPublicationIsSigned(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.create("1.0.0")
	o.submit(id)
	refused(t, "another password", second(o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: id, Password: "not my password"})), fault.BadUserInput, "password")
	token := *identity.ActorFrom(o.manager)
	token.Token = uuid.New()
	refused(t, "a program", second(o.scenarios.Publish(identity.WithActor(t.Context(), &token), scenario.Publication{ScenarioID: id, Password: password})), fault.Forbidden, "")
	refused(t, "nothing", second(o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: apiID(uuid.New()), Password: password})), fault.NotFound, "scenarioId")
	if n := o.count("signature"); n != 0 {
		t.Errorf("%d signatures of nothing", n)
	}
	o.publish(id)
	if n := o.count("signature s JOIN audit_event e ON e.signature_id = s.id WHERE s.meaning = 'publishScenario' AND e.action = 'PUBLISH_SCENARIO'"); n != 2 {
		t.Errorf("%d events are signed, not one a site", n)
	}
}

// TestSignedForOtherContent: returned, rewritten and submitted again between the signature and its use.
func TestSignedForOtherContent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.create("1.0.0")
	o.submit(id)
	s := &scenario.Scenario{Scenario: o.stored(id)}
	refused(t, "another's", scenario.Publishable(s, identity.Signature{}), fault.Conflict, "scenarioId")
}

func TestReasonsAreGiven(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.create("1.0.0")
	refused(t, "return", second(o.scenarios.Return(o.manager, scenario.Return{ScenarioID: id, Reason: " no      "})), fault.BadUserInput, "reason")
	refused(t, "deprecate", second(o.scenarios.Deprecate(o.manager, scenario.Deprecation{ScenarioID: id, Reason: strings.Repeat("x", 501)})), fault.BadUserInput, "reason")
}

func TestSentAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := scenario.Creation{Definition: json.RawMessage(asJSON(t, soup(t, "1.0.0"))), IdempotencyKey: new("1")}
	id, err := o.scenarios.Create(o.manager, in)
	fatal(t, err)
	if again, err := o.scenarios.Create(o.manager, in); err != nil || again != id {
		t.Errorf("%s, %v; want %s", again, err, id)
	}
	o.submit(apiID(id))
	publication := scenario.Publication{ScenarioID: apiID(id), Password: password, IdempotencyKey: new("2")}
	_, err = o.scenarios.Publish(o.manager, publication)
	fatal(t, err)
	if again, err := o.scenarios.Publish(o.manager, publication); err != nil || again.ID != id {
		t.Errorf("published again: %v, %v", again, err)
	}
	if n := o.count("signature"); n != 1 {
		t.Errorf("%d signatures", n)
	}
}

// TestPublishAtOnce: of several versions published at the same time, each is in its turn, and one is in force at the end.
func TestPublishAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const n = 5
	var ids []relay.ID
	for i := range n {
		ids = append(ids, o.create("1."+string(rune('0'+i))+".0"))
		o.submit(ids[i])
	}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			if _, err := o.scenarios.Publish(o.manager, scenario.Publication{ScenarioID: id, Password: password}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p, d := o.count("scenario WHERE status = 'PUBLISHED'"), o.count("scenario WHERE status = 'DEPRECATED'"); p != 1 || d != n-1 {
		t.Errorf("%d published, %d deprecated", p, d)
	}
}

// TestTheDatabaseKeepsWhatRunsPin: whatever statement tries.
func TestTheDatabaseKeepsWhatRunsPin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	draft, published := o.create("1.0.0"), o.create("2.0.0")
	o.submit(published)
	o.publish(published)
	for name, sql := range map[string]string{
		"rewrite":          "UPDATE scenario SET definition = '{}' WHERE version = '2.0.0'",
		"rename":           "UPDATE scenario SET version = '2.0.1' WHERE version = '2.0.0'",
		"back to draft":    "UPDATE scenario SET status = 'DRAFT' WHERE version = '2.0.0'",
		"without review":   "UPDATE scenario SET status = 'PUBLISHED' WHERE version = '1.0.0'",
		"drop parts":       "SELECT drop_draft_parts('" + published.UUID.String() + "')",
		"change a gate":    "UPDATE qc_gate SET mode = 'INFO'",
		"delete a phase":   "DELETE FROM phase",
		"delete a version": "DELETE FROM scenario",
	} {
		if _, err := o.app.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: done", name)
		}
	}
	if _, err := o.app.Exec(t.Context(), "SELECT drop_draft_parts($1)", draft.UUID); err != nil {
		t.Error(err)
	}
}
