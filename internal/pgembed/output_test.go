package pgembed

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestOutputWhileStopping: that a session is ended is a warning, unless we end it.
func TestOutputWhileStopping(t *testing.T) {
	t.Parallel()
	const line = "FATAL:  terminating connection due to administrator command\n"
	var text bytes.Buffer
	o := &output{log: slog.New(slog.NewTextHandler(&text, nil))}
	fmt.Fprint(o, line)
	if !strings.Contains(text.String(), "level=WARN") {
		t.Errorf("logged: %s", &text)
	}
	text.Reset()
	o.expectEnd()
	fmt.Fprint(o, line)
	if text.Len() > 0 {
		t.Errorf("logged while stopping: %s", &text)
	}
	fmt.Fprint(o, "PANIC:  could not write to file\n")
	if !strings.Contains(text.String(), "level=ERROR") {
		t.Errorf("a panic while stopping is logged as: %s", &text)
	}
}
