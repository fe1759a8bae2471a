// Package fault is the one error type that users may see.
//
// Domain and database code return a *Error where the cause is the caller's to mend; every other error is a defect or an
// outage, and reaches nobody but the log. The edges (GraphQL, the command line) alone translate it.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code says what kind of thing went wrong. Clients switch on it, so no code is ever renamed or removed.
type Code string

// The codes, in the order in which a request meets them.
const (
	BadUserInput       Code = "BAD_USER_INPUT"      // an argument can't be understood or is out of its bounds
	Unauthenticated    Code = "UNAUTHENTICATED"     // nobody is signed in
	Forbidden          Code = "FORBIDDEN"           // signed in, and may not
	NotFound           Code = "NOT_FOUND"           // no such thing, or not for this caller
	Conflict           Code = "CONFLICT"            // clashes with what is already there
	FailedPrecondition Code = "FAILED_PRECONDITION" // a rule of the domain refuses it in the present state
	Limit              Code = "LIMIT"               // more than one answer may hold: ask for less, or page
	RateLimited        Code = "RATE_LIMITED"        // too often
	Resync             Code = "RESYNC"              // the cursor is too old to resume from
	Internal           Code = "INTERNAL"            // ours; details are in the log only
)

// The limits of time. What they end may succeed at another time, or at a less busy one.
const (
	Seconds          = "seconds"           // of an answer
	StatementSeconds = "statement seconds" // of one SQL statement of it
)

// Error is a refusal that its receiver can act on: what is wrong, where, and what to do.
type Error struct {
	Code    Code
	Field   string // the argument or field at fault, as the caller wrote its name; "" where none is
	Message string // a sentence for a person, without a full stop

	// Of LIMIT, RATE_LIMITED and what else is more than a limit, for programs:
	Limit string        // which limit it is
	Value int           // that limit's value
	Cost  int           // what was asked for, in the same unit: as far as it was counted
	Wait  time.Duration // how long to wait; 0 where that doesn't help
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// New makes an Error about a field; field may be "".
func New(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Over makes a LIMIT error: what was asked for costs more than the limit allows.
func Over(limit string, value, cost int, field, format string, args ...any) *Error {
	e := New(Limit, field, format, args...)
	e.Limit, e.Value, e.Cost = limit, value, cost
	return e
}

// BadInput makes a BAD_USER_INPUT error about a field.
func BadInput(field, format string, args ...any) *Error {
	return New(BadUserInput, field, format, args...)
}

// Bounded makes a BAD_USER_INPUT error about a field that holds so many things or is so large; where that is more than most, programs
// are told which limit it is: the field's.
func Bounded(field string, given, most int, format string, args ...any) *Error {
	e := BadInput(field, format, args...)
	if given > most {
		e.Limit, e.Value, e.Cost = field, most, given
	}
	return e
}

// Of finds the *Error in err's chain; nil where there is none, and err is then INTERNAL.
func Of(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}

// All finds the faults that err is, one or a list; nil where it is none.
func All(err error) List {
	if list, ok := errors.AsType[List](err); ok {
		return list
	}
	if e := Of(err); e != nil {
		return List{e}
	}
	return nil
}

// Is reports whether err carries an Error of this code.
func Is(err error, code Code) bool {
	e := Of(err)
	return e != nil && e.Code == code
}

// List is several faults found at once, such as all that is wrong with one document.
type List []*Error

func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the first fault, and errors.Is each.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// Err returns the list as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// After returns err, or where there is none the list: what couldn't be looked at comes before what was found.
func (l List) After(err error) error {
	if err != nil {
		return err
	}
	return l.Err()
}
