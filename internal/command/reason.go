package command

import (
	"strings"
	"unicode/utf8"

	"flowviz/internal/fault"
)

const (
	minReason = 10 // characters, after trimming
	// MaxReason is the most that a reason has.
	MaxReason = 500
)

// CheckReason refuses a reason that says nothing, or has more than most characters.
func CheckReason(field, reason string, most int) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n < minReason || n > most {
		return fault.BadInput(field, "say why in %d to %d characters", minReason, most)
	}
	return nil
}
