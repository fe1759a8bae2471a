package linetest

import (
	"strings"
	"testing"

	"flowviz/internal/fault"
)

// Refused checks that err holds a fault of a code, on a field, with a part of its message.
func Refused(t testing.TB, err error, code fault.Code, field, part string) {
	t.Helper()
	for _, f := range fault.All(err) {
		if f.Code == code && f.Field == field && strings.Contains(f.Message, part) {
			return
		}
	}
	t.Errorf("%v\nis no %s on %q with %q", err, code, field, part)
}
