package model

import (
	"time"

	"github.com/google/uuid"
)

// LotPaths are ways from one lot to another.
type LotPaths struct {
	Paths     []LotPath
	Truncated bool
}

// LotPath is one way, both ends included.
type LotPath struct{ LotIDs []uuid.UUID }

// AllergenSource is an allergen, with the lots that brought it.
type AllergenSource struct {
	Allergen string
	LotIDs   []uuid.UUID
	Declared bool
}

// EarliestExpiry is the earliest best before, with the lot that has it.
type EarliestExpiry struct {
	At    time.Time
	LotID uuid.UUID
}
