package scenario

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"flowviz/db"
	"flowviz/internal/audit"
	"flowviz/internal/command"
	"flowviz/internal/event"
	"flowviz/internal/fault"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
	"flowviz/internal/scenario/definition"
)

// Service changes scenarios. They belong to the company: a MANAGER of any of its sites changes them for all, and the log of each
// site has it.
type Service struct {
	pool     *pgxpool.Pool
	commands *command.Executor
	users    *identity.Service
}

// NewService changes scenarios by commands; pool is read from before, and users asks for signatures.
func NewService(pool *pgxpool.Pool, commands *command.Executor, users *identity.Service) *Service {
	return &Service{pool, commands, users}
}

// maxFaults bounds what is told of one definition: 256 KB can hold 100,000 faults.
const maxFaults = 200

// Faults are what is wrong with a definition; none where it could be a draft. Of more than 200, the last one says how many there
// are besides. It takes a MANAGER, who alone could store it.
func (s *Service) Faults(ctx context.Context, raw json.RawMessage) ([]*definition.Fault, error) {
	if err := mayManage(ctx); err != nil {
		return nil, err
	}
	_, faults, err := definition.Check(raw)
	told := []*definition.Fault{}
	for _, f := range bounded(faults) {
		told = append(told, &f)
	}
	return told, err
}

func bounded(faults []definition.Fault) []definition.Fault {
	if len(faults) <= maxFaults {
		return faults
	}
	more := definition.Fault{Message: fmt.Sprintf("%d more faults: mend these first", len(faults)-maxFaults+1)}
	return append(faults[:maxFaults-1:maxFaults-1], more)
}

// parse makes a definition of what a client gave as `definition`. BAD_USER_INPUT names each fault, such as definition.gates[3].phase.
func parse(raw json.RawMessage) (*definition.Scenario, error) {
	def, faults, err := definition.Check(raw)
	if err != nil {
		return nil, err
	}
	var list fault.List
	for _, f := range bounded(faults) {
		field := "definition"
		if path := f.Path(); path != "" {
			field += "." + path
		}
		list = append(list, fault.BadInput(field, "%s", f))
	}
	return def, list.Err()
}

// mayManage refuses who is a MANAGER nowhere.
func mayManage(ctx context.Context) error {
	if !identity.ActorFrom(ctx).May(identity.Manage) {
		return identity.Forbidden(identity.Manage)
	}
	return nil
}

// versions are those of one scenario, locked.
type versions []db.Scenario

// lock takes all versions of the scenario for those who change them, and finds the one asked for. NOT_FOUND on scenarioId.
func lock(ctx context.Context, tx *command.Tx, id relay.ID) (all versions, asked *Scenario, err error) {
	if all, err = tx.LockScenario(ctx, id.UUID); err != nil {
		return nil, nil, err
	}
	for _, row := range all {
		if row.ID == id.UUID {
			return all, &Scenario{row}, nil
		}
	}
	return nil, nil, noSuch()
}

func noSuch() error { return fault.New(fault.NotFound, "scenarioId", "there is no such scenario") }

// require refuses a version that has another status than a command is for.
func (s *Scenario) require(status db.ScenarioStatus, what string) error {
	if s.Status == status {
		return nil
	}
	return fault.New(fault.FailedPrecondition, "scenarioId", "%s %s is %s: only a version in %s can be %s", s.Key, s.Version, s.Status, status, what)
}

// tell records what was done to a version in the log of each site, and tells those who listen there.
func tell(tx *command.Tx, sites []int32, s *Scenario, entry audit.Entry) {
	entry.Subject, entry.Label = s.GlobalID(), s.Key+" "+s.Version
	for _, site := range sites {
		entry.Site = site
		tx.Audit(entry)
		tx.Tell(event.Event{Type: event.MasterDataChanged, Site: site, Subject: s.GlobalID()})
	}
}

// content is what logs keep of a version: its definition by its SHA-256, since a draft is nobody's instruction, and what was published
// stays there whole.
func (s *Scenario) content() audit.Fields {
	sum := sha256.Sum256(s.Definition)
	return audit.Fields{"key": s.Key, "version": s.Version, "status": s.Status, "definitionSha256": hex.EncodeToString(sum[:])}
}

// read finds a version as it is stored.
func read(ctx context.Context, q *db.Queries, id uuid.UUID) (*Scenario, error) {
	rows, err := q.ScenariosByIDs(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, noSuch()
	}
	return &Scenario{rows[0]}, nil
}
