package scenario

import (
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// Limit is a requirement on values, as the API shows it.
type Limit struct{ definition.Limit }

// Name says what is limited, in a language.
func (l *Limit) Name(locale *string) string { return in(l.Limit.Name, locale) }

// Target is what the plant aims at; nil where it names none.
func (l *Limit) Target() *quantity.Decimal { return decimal(l.Limit.Target) }

// AnyOf are the alternative groups of conditions.
func (l *Limit) AnyOf() [][]*Condition {
	groups := make([][]*Condition, len(l.Limit.AnyOf))
	for i, group := range l.Limit.AnyOf {
		groups[i] = make([]*Condition, len(group))
		for j := range group {
			groups[i][j] = &Condition{group[j]}
		}
	}
	return groups
}

// Condition is one comparison of a limit.
type Condition struct{ definition.Condition }

// Op is LE, GE, EQ or BETWEEN.
func (c *Condition) Op() string { return string(c.Condition.Op) }

// Value is the bound of LE, GE and EQ.
func (c *Condition) Value() *quantity.Decimal { return decimal(c.Condition.Value) }

// Min is the lower end of BETWEEN.
func (c *Condition) Min() *quantity.Decimal { return decimal(c.Condition.Min) }

// Max is the upper end of BETWEEN.
func (c *Condition) Max() *quantity.Decimal { return decimal(c.Condition.Max) }

// FromValue is where a curve's time begins.
func (c *Condition) FromValue() *quantity.Decimal { return decimal(c.Condition.FromValue) }

// ToValue is where a curve's time ends.
func (c *Condition) ToValue() *quantity.Decimal { return decimal(c.Condition.ToValue) }

// ForAtLeastS is a dwell in seconds.
func (c *Condition) ForAtLeastS() *int32 { return positive(c.Condition.ForAtLeastS) }

// WithinS is a curve's time in seconds.
func (c *Condition) WithinS() *int32 { return positive(c.Condition.WithinS) }

// Aggregate says how several probes become one value; nil for one reading.
func (c *Condition) Aggregate() *string {
	if c.Condition.Aggregate == nil {
		return nil
	}
	fn := string(c.Condition.Aggregate.Fn)
	return &fn
}

// Probes is how many probes must have given a reading; nil for one.
func (c *Condition) Probes() *int32 {
	if c.Condition.Aggregate == nil {
		return nil
	}
	return positive(c.Condition.Aggregate.Probes)
}

// ChecklistItem is a question that a person answers, as the API shows it.
type ChecklistItem struct{ definition.ChecklistItem }

// Text is the question, in a language.
func (i *ChecklistItem) Text(locale *string) string { return in(i.ChecklistItem.Text, locale) }

// Type is how it is answered: BOOL, NUMBER, TEXT, SCAN_MATCH or PHOTO.
func (i *ChecklistItem) Type() string { return string(i.ChecklistItem.Type) }

// FailEffect is what a bad answer leads to: HOLD, FAIL or NOTE.
func (i *ChecklistItem) FailEffect() string { return string(i.ChecklistItem.FailEffect) }

// Expect is what a scanned code must be; nil for other types of answer.
func (i *ChecklistItem) Expect() *string {
	if i.ChecklistItem.Expect == "" {
		return nil
	}
	expect := string(i.ChecklistItem.Expect)
	return &expect
}

func in(text definition.Text, locale *string) string {
	if locale == nil {
		return text.In("")
	}
	return text.In(*locale)
}

func decimal(n *definition.Number) *quantity.Decimal {
	if n == nil {
		return nil
	}
	return &n.Decimal
}

// positive is nil for 0, which means none.
func positive(n int) *int32 {
	if n <= 0 {
		return nil
	}
	v := int32(n)
	return &v
}
