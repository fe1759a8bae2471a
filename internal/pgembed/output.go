package pgembed

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// outputDelay is how long to wait, after postgres ended, for its children to close the output that they share: after a clean
// end they are gone, after a crash some live on for a while.
const outputDelay = 200 * time.Millisecond

// remembered is how many lines are kept for an error's text: a refused start takes up to four.
const remembered = 8

// output receives what postgres reports, line by line, and hands it to the log.
type output struct {
	log *slog.Logger

	mu       sync.Mutex
	rest     []byte // a line's beginning
	last     []string
	stopping bool
}

// expectEnd makes what sessions complain of while they are ended a routine matter.
func (o *output) expectEnd() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopping = true
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rest = append(o.rest, p...)
	for {
		line, rest, complete := bytes.Cut(o.rest, []byte("\n"))
		if !complete {
			return len(p), nil
		}
		o.rest = rest
		o.line(strings.TrimSpace(string(line)))
	}
}

func (o *output) line(line string) {
	if line == "" {
		return
	}
	o.last = append(o.last, line)
	if len(o.last) > remembered {
		o.last = o.last[1:]
	}
	severity, text, found := strings.Cut(line, ":")
	if !found {
		text = line
	}
	at := level(severity)
	if o.stopping && severity == "FATAL" {
		at = slog.LevelDebug
	}
	o.log.Log(context.Background(), at, strings.TrimSpace(text))
}

// level ranks PostgreSQL's severities (its manual, table 19.2); LOG is what it does all day.
func level(severity string) slog.Level {
	switch severity {
	case "WARNING", "ERROR", "FATAL":
		return slog.LevelWarn
	case "PANIC":
		return slog.LevelError
	default:
		return slog.LevelDebug
	}
}

// lastWords are the last lines that aren't routine, to end an error's text with.
func (o *output) lastWords() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var words []string
	for _, line := range o.last {
		if !strings.HasPrefix(line, "LOG:") {
			words = append(words, line)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, "; ")
}

func (o *output) contains(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Contains(strings.Join(o.last, "\n"), text)
}
