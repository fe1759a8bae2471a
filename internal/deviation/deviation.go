// Package deviation is what a HOLD or FAIL opens: something was not as it must be, and somebody has to say why, what was done about it, and
// what becomes of the lots. HACCP's corrective actions (Codex CXC 1-1969, 2020) are no other: control again, a disposition of what
// was made meanwhile, and that it doesn't happen again.
//
// One is opened in the transaction of what found it: by each decision HOLD or FAIL, of a lot or of the line, whether or not it
// holds anything; by a reading that holds lots, one a gate and run of its batch; by whoever holds or rejects lots without a gate, one a
// command. All its holds name it, so that one bracketing check with a hundred lots is one deviation. A correction of a decision goes on with the
// deviation of what it corrects while that is open.
//
// What always holds: who verifies it has neither opened, decided nor described it; what is written anew after that is verified anew; and
// it is closed once, by a signature, when each lot has become what its disposition says.
package deviation

import (
	"time"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Deviation is one deviation.
type Deviation struct {
	db.Deviation
	// Overdue says that it isn't closed, and was due before it was read.
	Overdue bool
}

// GlobalID is the deviation's id in the API.
func (d *Deviation) GlobalID() relay.ID { return globalID(d.Deviation) }

// IsNode marks a type that the API finds by its id.
func (*Deviation) IsNode() {}

func globalID(row db.Deviation) relay.ID {
	return relay.ID{Kind: relay.Deviation, Site: row.SiteID, UUID: row.ID}
}

// Service says what was done about deviations.
type Service struct {
	commands *command.Executor
	users    *identity.Service
}

// NewService changes deviations by commands; users asks for signatures.
func NewService(commands *command.Executor, users *identity.Service) *Service {
	return &Service{commands, users}
}

// SeverityAt is how bad it is that a check found something: what a CCP keeps away makes people ill. What a person stops without a
// gate, nil, lies between.
func SeverityAt(gate *definition.Gate) db.DeviationSeverity {
	if gate == nil {
		return db.DeviationSeverityMAJOR
	}
	switch gate.Kind {
	case definition.KindCCP:
		return db.DeviationSeverityCRITICAL
	case definition.KindPRP:
		return db.DeviationSeverityMINOR
	case definition.KindOPRP:
	}
	return db.DeviationSeverityMAJOR
}

const day = 24 * time.Hour

// Term is after what time a deviation is due. It is no law's: a MANAGER sets another date for one that needs it.
func Term(severity db.DeviationSeverity) time.Duration {
	switch severity {
	case db.DeviationSeverityCRITICAL:
		return day
	case db.DeviationSeverityMINOR:
		return 30 * day
	case db.DeviationSeverityMAJOR:
	}
	return 7 * day
}
