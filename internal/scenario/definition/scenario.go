// Package definition is a production definition as data: what a plant makes, in which phases, of what, and which checks
// and rules hold on the way.
//
// A Scenario that Parse returns is whole and consistent: every code it names exists in it, every lot type can be made by the
// phase that creates it, and no limit contradicts itself. Whoever evaluates one need not check that again. schema.json says
// what each value may look like, the check files what the values mean together; a definition is refused with all its faults
// at once. A Scenario is never changed after it was parsed: a run pins it for ever.
package definition

// Scenario is one version of a production definition. Its JSON form is the one that schema.json describes.
type Scenario struct {
	Key         string      `json:"key"`     // kebab case, the same for all versions
	Version     string      `json:"version"` // semantic version, "1.0.0"
	Name        Text        `json:"name"`
	Description Text        `json:"description"`
	Origin      string      `json:"origin"` // where it comes from, with the licence if others wrote it
	Streams     []Stream    `json:"streams"`
	LotTypes    []LotType   `json:"lotTypes"`
	Phases      []Phase     `json:"phases"` // Phases[n] has number n
	Buffers     []Buffer    `json:"buffers"`
	Equipment   []Equipment `json:"equipment"`
	Gates       []Gate      `json:"gates"` // ascending by number, and by phase
	Rules       Rules       `json:"rules"`
}

// Stream is a lane of phases.
type Stream struct {
	Key       string `json:"key"`
	Name      Text   `json:"name"`
	Color     string `json:"color"`     // #rrggbb
	SortOrder int    `json:"sortOrder"` // from 1, in the order of Scenario.Streams
}

// Phase is a numbered step of a run.
type Phase struct {
	Number  int      `json:"number"` // 0 is the start
	Stream  *string  `json:"stream"` // key of its stream; nil for the start alone
	Name    Text     `json:"name"`
	Creates []string `json:"creates"` // codes of the lot types that can come into being here
	// AutoRegister: in a run with auto-registration, entering this phase registers one lot of each type in Creates whose
	// role is RAW, INTERMEDIATE or FINISHED, without a weight or a temperature. It stands for what is to come: a transformation that
	// makes it, a RECEIVE of what is raw, names it as its output.
	AutoRegister bool `json:"autoRegister"`
}

// LotType is a kind of material; its code begins the codes of its lots.
type LotType struct {
	Code string `json:"code"`
	Name Text   `json:"name"`
	Role Role   `json:"role"`
	Unit Unit   `json:"unit"`
	// ShelfLifeDays is counted from the production day; 0 where the type has none of its own. Without an EXPIRY rule the
	// clock starts anew at this type, whatever its inputs' dates: a kill step, freezing.
	ShelfLifeDays int `json:"shelfLifeDays,omitempty"`
	// MaxLotKg is the most kilograms that a lot of it may have, where that is more than any lot at the site: what lies in a silo. 0
	// where it is as any; of weighed types alone.
	MaxLotKg int `json:"maxLotKg,omitempty"`
}

// Role says what a lot type is to the plant.
type Role string

// The roles. RAW and PACKAGING come by RECEIVE; REWORK, SAMPLE and WASTE by the transformations of these names.
const (
	RoleRaw          Role = "RAW"          // bought, becomes product
	RoleIntermediate Role = "INTERMEDIATE" // made and used here
	RoleFinished     Role = "FINISHED"     // ready for sale
	RolePackaging    Role = "PACKAGING"    // bought, goes round the product
	RoleLogistic     Role = "LOGISTIC"     // holds finished goods: a pallet, a shipment
	RoleRework       Role = "REWORK"       // goes back into an earlier phase
	RoleSample       Role = "SAMPLE"       // leaves for the laboratory
	RoleWaste        Role = "WASTE"        // leaves as waste
)

// Unit is the unit of a lot type's quantity, a UN/ECE Recommendation 20 code.
type Unit string

// The units. Only kilograms take part in the mass balance and in a buffer's capacity.
const (
	UnitKilogram Unit = "KGM"
	UnitEach     Unit = "EA"
)

// Buffer is a store between phases.
type Buffer struct {
	Code       string   `json:"code"`
	Name       Text     `json:"name"`
	LotTypes   []string `json:"lotTypes"`   // what may lie there, all in kilograms
	CapacityKg Number   `json:"capacityKg"` // kg
	TempMinC   Number   `json:"tempMinC"`   // °C
	TempMaxC   Number   `json:"tempMaxC"`   // °C, above TempMinC
	Source     string   `json:"source"`     // where capacity and band come from
}

// Equipment is a machine or an instrument; a check of the line names the one it was made on.
type Equipment struct {
	Code  string `json:"code"`
	Name  Text   `json:"name"`
	Phase int    `json:"phase"` // number of the phase in which it works
}
