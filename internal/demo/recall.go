package demo

import (
	"context"
	"crypto/sha256"
	"maps"
	"time"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/audit"
	rules "flowviz/internal/recall"
	"flowviz/internal/relay"
)

// exercise is a mock recall: the auditor takes a delivery of which all has long left, and asks where it went.
type exercise struct {
	line           *line
	suspect        *lot
	opened, closed time.Time
	reason         string
	conclusion     string
	id             uuid.UUID
	code           string
	signature      db.Signature
	found          [2]audit.Fields // when it was opened, and when it was closed
}

// exercise opens and closes one about a delivery of the first week.
func (p *doner) exercise() {
	for _, l := range p.h.lots {
		if l.line == p.line && l.kind.Code == "RAW" && l.run.day == exerciseOf && len(l.children) > 0 {
			opened := p.at(exerciseDay, 9, 10)
			p.h.exercise = &exercise{
				line: p.line, suspect: l, opened: opened, closed: opened.Add(83 * time.Minute),
				reason:     "Exercise of the quarter: one delivery of beef, and all that was made of it",
				conclusion: "Every lot was found, and every customer named, within an hour and a half",
			}
			return
		}
	}
}

func (w *writer) aboutExercise(e *exercise) relay.ID {
	return relay.ID{Kind: relay.Recall, Site: w.site(e.line), UUID: e.id}
}

// recall writes the exercise, with its reports: nothing of its lots changed since.
func (w *writer) recall(ctx context.Context, q *db.Queries, g *ids) error {
	e, auditor := w.h.exercise, w.h.users.auditor.id
	e.id, e.code = g.at(e.opened), numbering{}.code(e.line.plant, "REC", e.opened)
	site := w.site(e.line)
	suspect := relay.ID{Kind: relay.Lot, Site: site, UUID: e.suspect.id}
	if err := q.InsertRecall(ctx, db.InsertRecallParams{
		ID: e.id, SiteID: site, Code: e.code, Kind: db.RecallKindMOCK, Reason: e.reason, Scope: w.json(audit.Fields{"lotIds": []string{suspect.String()}}),
		OpenedAt: e.opened, OpenedBy: auditor, Suspects: []uuid.UUID{e.suspect.id},
	}); err != nil {
		return err
	}
	for i, at := range []time.Time{e.opened, e.closed} {
		report := db.InsertRecallReportParams{ID: g.at(at), RecallID: e.id, SiteID: site, ComputedAt: at, ComputedBy: auditor}
		var err error
		if e.found[i], err = rules.WriteReport(ctx, q, nil, report); err != nil {
			return err
		}
	}
	hash := sha256.Sum256(w.json(append([]string{rules.CloseMeaning}, rules.Signed(w.aboutExercise(e), &e.conclusion)...)))
	e.signature = db.Signature{ID: g.at(e.closed), UserID: auditor, Meaning: rules.CloseMeaning, ContentHash: hash[:], SignedAt: e.closed}
	if err := q.InsertSignature(ctx, db.InsertSignatureParams(e.signature)); err != nil {
		return err
	}
	if err := q.CloseRecall(ctx, db.CloseRecallParams{
		ClosedAt: &e.closed, ClosedBy: &auditor, Conclusion: &e.conclusion, CloseSignatureID: &e.signature.ID, ID: e.id, SiteID: site,
	}); err != nil {
		return err
	}
	return w.unable
}

// exercised is what the audit log says of it.
func (w *writer) exercised(e *exercise) []entry {
	figures := func(i int, more audit.Fields) audit.Fields {
		maps.Copy(more, e.found[i])
		return more
	}
	subject := w.aboutExercise(e)
	return []entry{
		{e.opened, w.h.users.auditor, audit.Entry{
			Site: subject.Site, Action: audit.OpenRecall, Subject: subject, Label: e.code, Reason: e.reason,
			After: figures(0, audit.Fields{"kind": db.RecallKindMOCK, "suspects": 1}),
		}},
		{e.closed, w.h.users.auditor, audit.Entry{
			Site: subject.Site, Action: audit.CloseRecall, Subject: subject, Label: e.code, Signature: &e.signature,
			Before: audit.Fields{"closedAt": nil}, After: figures(1, audit.Fields{"closedAt": e.closed.UTC(), "conclusion": e.conclusion}),
		}},
	}
}
