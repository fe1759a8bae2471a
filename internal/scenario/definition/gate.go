package definition

import "flowviz/internal/quantity"

// Gate is a QC check at a phase: what must be measured and answered, of which lots or of which line, how often, and what
// follows.
type Gate struct {
	Number    quantity.Decimal `json:"number"` // 6.5 exists; unique, and compared as a number
	Phase     int              `json:"phase"`  // number of the phase at which it stands
	Name      Text             `json:"name"`
	Kind      GateKind         `json:"kind"`
	Mode      GateMode         `json:"mode"`
	LotTypes  []string         `json:"lotTypes"` // what it applies to; empty only for a check of a line that concerns no lot
	PerLot    bool             `json:"perLot"`   // true: a decision is about a lot; false: about the line or its equipment
	Frequency Frequency        `json:"frequency"`
	// Bracketing: a check that isn't passed holds every lot that went through since the last one that was.
	Bracketing bool `json:"bracketing"`
	// PositiveRelease: a lot leaves the site only after a result that comes later or, for a line, after the next check passed.
	PositiveRelease bool            `json:"positiveRelease"`
	Limits          []Limit         `json:"limits"` // all that apply to the lot must be met
	Checklist       []ChecklistItem `json:"checklist"`
}

// GateKind is what HACCP calls the check.
type GateKind string

// The kinds: critical control point, operational prerequisite, prerequisite.
const (
	KindCCP  GateKind = "CCP"
	KindOPRP GateKind = "OPRP"
	KindPRP  GateKind = "PRP"
)

// GateMode is what a gate does to a run.
type GateMode string

// The modes.
const (
	ModeBlocking   GateMode = "BLOCKING"   // no run leaves the phase before every PASS that is due
	ModeCheckpoint GateMode = "CHECKPOINT" // recorded, missed with an alert; a HOLD or FAIL still holds the lot
	ModeInfo       GateMode = "INFO"       // a limit not met raises an alert and nothing else
)

// Frequency says when a decision is due: once for each lot, or for a line at the times named, which add up. A time that is
// false and one that is left out are the same.
type Frequency struct {
	PerLot       bool `json:"perLot,omitempty"`       // with Gate.PerLot
	EveryMin     int  `json:"everyMin,omitempty"`     // minutes while the line runs; 0 for none
	AtStart      bool `json:"atStart,omitempty"`      // before the first lot of the run
	AtEnd        bool `json:"atEnd,omitempty"`        // after the last lot of the run
	AtChangeover bool `json:"atChangeover,omitempty"` // when the line changes to another product
}

// ChecklistItem is a question that a person answers.
type ChecklistItem struct {
	Code       string     `json:"code"` // unique among the limits and items of its gate
	Text       Text       `json:"text"` // for BOOL, yes is the good answer
	Type       AnswerType `json:"type"`
	Required   bool       `json:"required"`   // without an answer there is no PASS
	FailEffect FailEffect `json:"failEffect"` // what a bad answer leads to
	Expect     Expect     `json:"expect,omitempty"`
}

// AnswerType is the form of an answer.
type AnswerType string

// The forms of an answer.
const (
	AnswerBool      AnswerType = "BOOL"
	AnswerNumber    AnswerType = "NUMBER"
	AnswerText      AnswerType = "TEXT"
	AnswerScanMatch AnswerType = "SCAN_MATCH" // a scanned code that the server compares with what Expect says
	AnswerPhoto     AnswerType = "PHOTO"
)

// FailEffect is what a bad answer leads to.
type FailEffect string

// The effects.
const (
	EffectHold FailEffect = "HOLD"
	EffectFail FailEffect = "FAIL"
	EffectNote FailEffect = "NOTE" // a remark beside the decision
)

// Expect is what a scanned code must be; "" for answers that aren't scanned.
type Expect string

// The things to scan.
const (
	ExpectRecipe           Expect = "RECIPE"            // the approved recipe version of the lot's product, or an ingredient it names
	ExpectProductGTIN      Expect = "PRODUCT_GTIN"      // the product's GTIN
	ExpectContainerSpecies Expect = "CONTAINER_SPECIES" // a container reserved for the lot's species
	ExpectSSCC             Expect = "SSCC"              // the logistic unit's own SSCC
)
