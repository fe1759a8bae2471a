package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/internal/event"
	"flowviz/internal/identity"
	"flowviz/internal/pubsub"
)

// everyEvent asks for all that an event can show.
const everyEvent = `subscription { events(site: "%s") {
  __typename id type occurredAt cursor site { code }
  ... on QcEvent { decision { id gate { number } } }
  ... on LotEvent { lot { id code status } statusBefore }
  ... on ExposureEvent { lot { id code } reason lotCount }
  ... on TransformationEvent { transformation { id kind } }
  ... on RunEvent { run { id code status } runStatusBefore: statusBefore phaseBefore }
  ... on MeasurementEvent { subject { id } gate message }
  ... on AlertEvent { alert { id kind } }
  ... on DeviationEvent { deviation { id code status } }
  ... on RecallEvent { recall { id code } }
  ... on ChangeEvent { subject { __typename id } }
} }`

// shownAs is the object of each type of event.
var shownAs = map[event.Type]string{
	event.DecisionRecorded: "QcEvent",
	event.LotRegistered:    "LotEvent", event.LotStatusChanged: "LotEvent", event.LotChanged: "LotEvent",
	event.LotExposed: "ExposureEvent", event.ExposureEnded: "ExposureEvent",
	event.TransformationRecorded: "TransformationEvent", event.TransformationVoided: "TransformationEvent",
	event.RunStarted: "RunEvent", event.RunPhaseAdvanced: "RunEvent", event.RunStatusChanged: "RunEvent", event.LineMeasured: "RunEvent",
	event.MeasurementViolated: "MeasurementEvent",
	event.AlertRaised:         "AlertEvent", event.AlertAcknowledged: "AlertEvent",
	event.DeviationOpened: "DeviationEvent", event.DeviationChanged: "DeviationEvent",
	event.RecallOpened: "RecallEvent", event.RecallClosed: "RecallEvent",
	event.MasterDataChanged: "ChangeEvent",
}

// hearAll listens to all that a test's commands have told: each event is shown as its object, whole and in order.
func hearAll(t *testing.T, owner, app *pgxpool.Pool, actor *identity.Actor) {
	t.Helper()
	if t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute) // the test's own has ended
	defer cancel()
	var told, first int
	var site string
	if err := owner.QueryRow(ctx, "SELECT count(*), coalesce(min(sequence), 0), coalesce((SELECT code FROM site WHERE id = 1), '') FROM event WHERE site_id = 1").
		Scan(&told, &first, &site); err != nil {
		t.Fatal(err)
	}
	if _, member := actor.Memberships[1]; first != 1 || !member { // nothing was told, or some is forgotten; or it isn't theirs to hear
		return
	}
	told = min(told, 200)                                    // each is executed; a test of thousands has them alike
	hub := pubsub.NewHub(app, slog.New(slog.DiscardHandler)) // at rest: all is there
	r := newResolver(app)
	r.Events = hub
	h := newHandler(t, r)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(identity.WithActor(r.Context(), actor)))
	}))
	defer srv.Close()
	ctx, leave := context.WithCancel(ctx)
	defer leave() // before the server closes, which waits for its requests
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"?query="+url.QueryEscape(fmt.Sprintf(everyEvent, site)), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", string(beginning))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	events := newStream(answer.Body)
	for n := 1; n <= told; n++ {
		_, data := events.next(t)
		var f struct {
			Data struct {
				Events struct {
					Typename string `json:"__typename"`
					Type     event.Type
					Cursor   string
				}
			}
			Errors []json.RawMessage
		}
		if err := json.Unmarshal([]byte(data), &f); err != nil || len(f.Errors) > 0 {
			t.Fatalf("event %d of %d: %s (%v)", n, told, data, err)
		}
		if e := f.Data.Events; e.Typename != shownAs[e.Type] || sequence(t, e.Cursor) != int64(n) {
			t.Errorf("event %d is shown as %s", n, data)
		}
	}
}
