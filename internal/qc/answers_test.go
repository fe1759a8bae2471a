package qc

import (
	"errors"
	"testing"

	"flowviz/internal/fault"
)

// TestMostAnswers: more answers than a checklist may have are refused by a limit that programs can read.
func TestMostAnswers(t *testing.T) {
	t.Parallel()
	in := Record{Answers: make([]*Answer, 201)}
	faults, _ := errors.AsType[fault.List](in.check())
	for _, f := range faults {
		if f.Field == "answers" && f.Limit == "answers" && f.Value == 200 && f.Cost == 201 {
			return
		}
	}
	t.Errorf("%v", faults)
}
