// Package audit is the log of what was done: who did what to which thing, when, from where, before, after and why.
//
// What always holds: each change of a site's data adds its event to that site's log in the same transaction, so that neither
// is there without the other. A log is numbered from 1 without a gap, and chained: an event's hash covers its content and the
// hash before it, so that whoever changes, removes, adds or moves an event has to rewrite all that follow. Checkpoints, signed
// heads of the chain kept where the database's owner can't write, show that too, and a tail cut off. Verify finds the first
// event with which something is wrong.
//
// What concerns all sites, such as a scenario, stands in the log of each: every log is complete by itself.
package audit

import (
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/identity"
	"flowviz/internal/relay"
)

// Action is what was done: VERB_NOUN, as a command is called. Actions are never renamed: logs are for ever.
type Action string

// The actions.
const (
	RaiseAlert           Action = "RAISE_ALERT"
	AcknowledgeAlert     Action = "ACKNOWLEDGE_ALERT"
	CreateScenario       Action = "CREATE_SCENARIO"
	CopyScenario         Action = "COPY_SCENARIO"
	ChangeScenario       Action = "CHANGE_SCENARIO"
	SubmitScenario       Action = "SUBMIT_SCENARIO"
	ReturnScenario       Action = "RETURN_SCENARIO"
	PublishScenario      Action = "PUBLISH_SCENARIO"
	DeprecateScenario    Action = "DEPRECATE_SCENARIO"
	RegisterPartner      Action = "REGISTER_PARTNER"
	StartRun             Action = "START_RUN"
	AdvanceRun           Action = "ADVANCE_RUN"
	HoldRun              Action = "HOLD_RUN"
	ResumeRun            Action = "RESUME_RUN"
	AbortRun             Action = "ABORT_RUN"
	CompleteRun          Action = "COMPLETE_RUN"
	ArchiveRun           Action = "ARCHIVE_RUN"
	RegisterLot          Action = "REGISTER_LOT"
	RecordTransformation Action = "RECORD_TRANSFORMATION"
	VoidTransformation   Action = "VOID_TRANSFORMATION"
	DescribeLot          Action = "DESCRIBE_LOT"
	MeasureLot           Action = "MEASURE_LOT"
	CorrectLot           Action = "CORRECT_LOT"
	DropLot              Action = "DROP_LOT"
	ImportEpcis          Action = "IMPORT_EPCIS"
	ImportScenario       Action = "IMPORT_SCENARIO"
	HoldLot              Action = "HOLD_LOT"
	ReleaseLot           Action = "RELEASE_LOT"
	ExposeLot            Action = "EXPOSE_LOT" // by what another site stopped
	EndExposure          Action = "END_EXPOSURE"
	ClearExposure        Action = "CLEAR_EXPOSURE"
	RejectLot            Action = "REJECT_LOT"
	ChangeMembership     Action = "CHANGE_MEMBERSHIP"
	ChangePartner        Action = "CHANGE_PARTNER"
	EndPartner           Action = "END_PARTNER"
	CreateProduct        Action = "CREATE_PRODUCT"
	ChangeProduct        Action = "CHANGE_PRODUCT"
	EndProduct           Action = "END_PRODUCT"
	CreateSite           Action = "CREATE_SITE"
	ChangeSite           Action = "CHANGE_SITE"
	EndSite              Action = "END_SITE"
	CreateLocation       Action = "CREATE_LOCATION"
	ChangeLocation       Action = "CHANGE_LOCATION"
	EndLocation          Action = "END_LOCATION"
	CreateEquipment      Action = "CREATE_EQUIPMENT"
	ChangeEquipment      Action = "CHANGE_EQUIPMENT"
	EndEquipment         Action = "END_EQUIPMENT"
	MoveLot              Action = "MOVE_LOT"
	RecordDecision       Action = "RECORD_DECISION"
	RecordMeasurement    Action = "RECORD_MEASUREMENT"
	OpenDeviation        Action = "OPEN_DEVIATION"
	DescribeDeviation    Action = "DESCRIBE_DEVIATION"
	AssignDeviation      Action = "ASSIGN_DEVIATION"
	ReconsiderDeviation  Action = "RECONSIDER_DEVIATION"
	VerifyDeviation      Action = "VERIFY_DEVIATION"
	CloseDeviation       Action = "CLOSE_DEVIATION"
	OpenRecall           Action = "OPEN_RECALL"
	RefreshRecall        Action = "REFRESH_RECALL"
	CloseRecall          Action = "CLOSE_RECALL"
)

// What is done to users and API tokens, which internal/identity names.
const (
	CreateUser     = Action(identity.CreateUser)
	UpdateUser     = Action(identity.UpdateUser)
	DeactivateUser = Action(identity.DeactivateUser)
	ChangePassword = Action(identity.ChangePassword)
	LinkUser       = Action(identity.LinkUser)
	UnlinkUser     = Action(identity.UnlinkUser)
	JoinProvider   = Action(identity.JoinProvider)
	SignIn         = Action(identity.SignIn)
	SignOut        = Action(identity.SignOut)
	RefusePassword = Action(identity.RefusePassword)
	RevokeSession  = Action(identity.RevokeSession)
	CreateAPIToken = Action(identity.CreateAPIToken)
	RevokeAPIToken = Action(identity.RevokeAPIToken)
)

// NeedsReason reports whether the action is one of those that nobody may do without saying why: corrections, and what stops
// or lets go. It goes by the verb, so that a new command can't forget it.
func (a Action) NeedsReason() bool {
	verb, _, _ := strings.Cut(string(a), "_")
	switch verb {
	case "CORRECT", "VOID", "HOLD", "RELEASE", "REJECT", "CLEAR", "RESUME", "ABORT", "RETURN", "DEPRECATE":
		return true
	}
	return false
}

// Event is one row of a site's log.
type Event struct{ db.AuditEvent }

// GlobalID is the event's id in the API.
func (e *Event) GlobalID() relay.ID {
	return relay.ID{Kind: relay.AuditEvent, Site: e.SiteID, UUID: e.ID}
}

// IsNode marks a type that the API finds by its id.
func (*Event) IsNode() {}

// Number is the event's place in its site's log, from 1.
func (e *Event) Number() int32 { return int32(e.Sequence) }

// HashText is the event's hash in hexadecimal.
func (e *Event) HashText() string { return hex.EncodeToString(e.Hash) }

// Subject is the id of what was changed; ok is false for a type that the API doesn't know (any more).
func (e *Event) Subject() (id relay.ID, ok bool) {
	kind, ok := relay.KindOf(e.SubjectKind)
	return relay.ID{Kind: kind, Site: e.SiteID, UUID: e.SubjectID}, ok
}

// Key is an event's place in lists.
func Key(e *Event) uuid.UUID { return e.ID }

func wrap(rows []db.AuditEvent) []*Event {
	out := make([]*Event, len(rows))
	for i, row := range rows {
		out[i] = &Event{row}
	}
	return out
}
