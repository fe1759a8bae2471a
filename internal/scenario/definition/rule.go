package definition

import (
	"encoding/json"
	"fmt"
)

// Rule is a rule that the server keeps on every transformation. It is one of the structs of this file: tell them apart by a
// type switch. SPLIT and MERGE, which keep the lot type, are always allowed.
type Rule interface {
	Type() RuleType
}

// RuleType names a rule in JSON and in the database.
type RuleType string

// The types of rules.
const (
	RuleAllowedInputs     RuleType = "ALLOWED_INPUTS"
	RuleSameAttribute     RuleType = "SAME_ATTRIBUTE"
	RuleSameProductionDay RuleType = "SAME_PRODUCTION_DAY"
	RuleMaxAge            RuleType = "MAX_AGE"
	RuleMaxShare          RuleType = "MAX_SHARE"
	RuleInheritUnion      RuleType = "INHERIT_UNION"
	RuleExpiry            RuleType = "EXPIRY"
	RuleContinuousVessel  RuleType = "CONTINUOUS_VESSEL"
)

// AllowedInputs says what a lot type may be made of. Each lot type has exactly one; together they are the flow.
type AllowedInputs struct {
	Output string   `json:"output"`
	Inputs []string `json:"inputs"` // empty for what is received
}

// SameAttribute: all lots in scope that carry the attribute have the same value of it, and the output takes it.
type SameAttribute struct {
	Attribute string   `json:"attribute"`
	Outputs   []string `json:"outputs"`
	Scope     Scope    `json:"scope"`
}

// Scope is how far back SameAttribute looks.
type Scope string

// The scopes.
const (
	ScopeDirectInputs Scope = "DIRECT_INPUTS"
	ScopeAllAncestors Scope = "ALL_ANCESTORS"
)

// SameProductionDay: an input of these types was made on the same production day of the site as the output.
type SameProductionDay struct {
	Inputs  []string `json:"inputs"`
	Outputs []string `json:"outputs"`
}

// MaxAge: the phase consumes a lot of these types only while it isn't older, counted from its creation.
type MaxAge struct {
	Inputs  []string `json:"inputs"`
	Phase   int      `json:"phase"`
	MaxAgeS int      `json:"maxAgeS"` // seconds
	Source  string   `json:"source"`
	Assumed bool     `json:"assumed"` // as in Limit
}

// MaxShare: the input makes up at most this part of the output's input mass.
type MaxShare struct {
	Input   string `json:"input"`
	Output  string `json:"output"`
	Percent Number `json:"percent"` // above 0, at most 100
	Source  string `json:"source"`
	Assumed bool   `json:"assumed"` // as in Limit
}

// InheritUnion: every output carries all values of the attribute that any of its inputs carries.
type InheritUnion struct {
	Attribute string `json:"attribute"`
}

// Expiry: a lot of these types expires at the earliest of its direct inputs' expiry dates, where they have one, and of its
// production day plus Days.
type Expiry struct {
	Outputs []string `json:"outputs"`
	From    string   `json:"from"` // always ExpiryFromInputsAndShelfLife
	Days    int      `json:"days"` // the ShelfLifeDays of every output that has one
	Source  string   `json:"source"`
	Assumed bool     `json:"assumed"` // as in Limit
}

// ExpiryFromInputsAndShelfLife is the only way of dating that Expiry knows.
const ExpiryFromInputsAndShelfLife = "MIN_OF_INPUTS_AND_SHELF_LIFE"

// ContinuousVessel: the vessel of this lot type is filled while it is drawn from, so all that went in since it was last empty
// is exposed with what comes out, without exact kilograms.
type ContinuousVessel struct {
	LotType       string `json:"lotType"`
	HeelCarryOver bool   `json:"heelCarryOver"` // what remains at the end of one lot is part of the next
}

// Type is ALLOWED_INPUTS.
func (AllowedInputs) Type() RuleType { return RuleAllowedInputs }

// Type is SAME_ATTRIBUTE.
func (SameAttribute) Type() RuleType { return RuleSameAttribute }

// Type is SAME_PRODUCTION_DAY.
func (SameProductionDay) Type() RuleType { return RuleSameProductionDay }

// Type is MAX_AGE.
func (MaxAge) Type() RuleType { return RuleMaxAge }

// Type is MAX_SHARE.
func (MaxShare) Type() RuleType { return RuleMaxShare }

// Type is INHERIT_UNION.
func (InheritUnion) Type() RuleType { return RuleInheritUnion }

// Type is EXPIRY.
func (Expiry) Type() RuleType { return RuleExpiry }

// Type is CONTINUOUS_VESSEL.
func (ContinuousVessel) Type() RuleType { return RuleContinuousVessel }

// Rules are a scenario's rules. In JSON each is an object whose "type" tells which one it is.
type Rules []Rule

// MarshalJSON puts each rule's type before its fields.
func (rs Rules) MarshalJSON() ([]byte, error) {
	objects := make([]json.RawMessage, len(rs))
	for i, r := range rs {
		fields, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		// Every rule has at least one field that is always written, so what follows the brace is never another brace.
		objects[i] = fmt.Appendf(nil, `{"type":%q,%s`, r.Type(), fields[1:])
	}
	return json.Marshal(objects)
}

// UnmarshalJSON makes each object the struct that its type names. null stays nil.
func (rs *Rules) UnmarshalJSON(data []byte) error {
	var objects []json.RawMessage
	if err := json.Unmarshal(data, &objects); err != nil {
		return err
	}
	rules := make(Rules, len(objects))
	for i, object := range objects {
		if string(object) == "null" {
			continue
		}
		rule, err := unmarshalRule(object)
		if err != nil {
			return fmt.Errorf("rules[%d]: %w", i, err)
		}
		rules[i] = rule
	}
	*rs = rules
	return nil
}

func unmarshalRule(object []byte) (Rule, error) {
	var head struct {
		Type RuleType `json:"type"`
	}
	if err := json.Unmarshal(object, &head); err != nil {
		return nil, err
	}
	switch head.Type {
	case RuleAllowedInputs:
		return unmarshalAs[AllowedInputs](object)
	case RuleSameAttribute:
		return unmarshalAs[SameAttribute](object)
	case RuleSameProductionDay:
		return unmarshalAs[SameProductionDay](object)
	case RuleMaxAge:
		return unmarshalAs[MaxAge](object)
	case RuleMaxShare:
		return unmarshalAs[MaxShare](object)
	case RuleInheritUnion:
		return unmarshalAs[InheritUnion](object)
	case RuleExpiry:
		return unmarshalAs[Expiry](object)
	case RuleContinuousVessel:
		return unmarshalAs[ContinuousVessel](object)
	}
	return nil, fmt.Errorf("unknown type %q", head.Type)
}

func unmarshalAs[R Rule](object []byte) (Rule, error) {
	var r R
	err := json.Unmarshal(object, &r)
	return r, err
}
