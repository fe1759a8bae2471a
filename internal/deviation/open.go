package deviation

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
	"flowviz/internal/site"
)

// New is a deviation to be opened.
type New struct {
	Site        int32
	Gate        *scenario.GateOf // where it was found; nil where a person stops lots without one
	Run         *uuid.UUID       // nil for none, or several
	Description string           // what is wrong
}

// Open opens a deviation in the transaction of what found it, which writes its id beside each hold and decision. The caller has taken the
// site for itself (command.Tx.Exclude), as what stops lots does: the day's counter, which this locks, keeps nobody waiting then.
func Open(ctx context.Context, tx *command.Tx, n New) (uuid.UUID, error) {
	code, err := site.NextCode(ctx, tx, n.Site, codeKind, "DEV")
	if err != nil {
		return uuid.Nil, err
	}
	var gate *definition.Gate
	if n.Gate != nil {
		gate = &n.Gate.Gate
	}
	severity := SeverityAt(gate)
	p := db.InsertDeviationParams{
		ID: tx.NewID(), SiteID: n.Site, Code: code, Severity: severity, Description: strings.TrimSpace(n.Description), RunID: n.Run,
		OpenedAt: tx.At, OpenedBy: tx.Actor.UserID, DueAt: tx.At.Add(Term(severity)),
	}
	after := audit.Fields{"description": p.Description, "severity": severity, "dueAt": p.DueAt}
	if n.Gate != nil {
		p.GateID, after["gate"] = &n.Gate.ID, n.Gate.Number
	}
	if err := tx.InsertDeviation(ctx, p); err != nil {
		return uuid.Nil, err
	}
	subject := globalID(db.Deviation{ID: p.ID, SiteID: p.SiteID})
	tx.Audit(audit.Entry{Site: n.Site, Action: audit.OpenDeviation, Subject: subject, Label: code, After: after})
	tx.Tell(event.Event{Type: event.DeviationOpened, Site: n.Site, Subject: subject, Run: n.Run})
	return p.ID, nil
}

// codeKind is the counter of deviations' codes. No lot type is called so: it would be too long.
const codeKind = "DEVIATION"

// Reconsider goes on with a deviation because a decision in it is corrected: what was verified is so no more. It reports false where it is
// closed, and a new one is needed.
func Reconsider(ctx context.Context, tx *command.Tx, siteID int32, id uuid.UUID) (open bool, err error) {
	was, err := tx.DeviationForChange(ctx, db.DeviationForChangeParams{ID: id, SiteID: siteID})
	if err != nil || was.ClosedAt != nil {
		return false, err
	}
	return true, step{action: audit.ReconsiderDeviation}.save(ctx, tx, was, unverified(was))
}
