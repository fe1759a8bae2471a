package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Difference keeps what became different of a subject's values; both are empty where nothing did. Values are compared as the log
// writes them.
func Difference(before, after Fields) (was, is Fields, err error) {
	was, is = Fields{}, Fields{}
	for name, value := range after {
		old, err := json.Marshal(before[name])
		if err != nil {
			return nil, nil, fmt.Errorf("compare %s: %w", name, err)
		}
		now, err := json.Marshal(value)
		if err != nil {
			return nil, nil, fmt.Errorf("compare %s: %w", name, err)
		}
		if !bytes.Equal(old, now) {
			was[name], is[name] = before[name], value
		}
	}
	return was, is, nil
}
