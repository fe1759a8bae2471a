package main

// rule is a rule of the domain, switched off at one place.
type rule struct {
	number string // in the list of rules
	off    string // what then happens
	file   string
	is     string // the text that keeps it, once in the file
	would  string // in its place
	in     string // the package whose tests notice
	tests  string // which, as a pattern
}

var rules = []rule{
	{"1", "a run advances without the PASS of a gate", "internal/run/obstacle.go", "if wanted[g.GateID] && !o.passed(g) {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past a held lot", "internal/run/obstacle.go", "if l.Held {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past an exposed lot", "internal/run/obstacle.go", "if l.Exposed {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past a rejected lot", "internal/run/obstacle.go", "if l.Status == db.LotStatusREJECTED {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances without the check of the line", "internal/run/obstacle.go", "if !passed[g.ID] {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"2", "a PASS stands against its limits", "internal/qc/judge.go", "if c.Decision == db.QcOutcomePASS {", "if false {", "./internal/qc", "TestPass.*"},
	{"4", "a held lot is used", "internal/lot/use.go", "if u.Held {", "if false {", "./internal/hold", "TestHoldReachesAllThatWasMade"},
	{"4", "an exposed lot is used", "internal/lot/use.go", "if u.Exposed {", "if false {", "./internal/hold", "TestHoldReachesAllThatWasMade"},
	{"4", "a hold lets others work on", "internal/hold/service.go", "tx.Exclude(ctx, at.ID)", "tx.Share(ctx, at.ID)", "./internal/hold", "TestNothingEscapesAHold"},
	{"5", "a failed check of the line holds nothing", "internal/qc/follow.go", "if !c.gate.Bracketing || len(c.gate.Of) == 0 {", "if true {", "./internal/qc", "TestBracketing.*"},
	{"6", "more is drawn than remains", "internal/transformation/judge.go", "if asked.Cmp(rest) > 0 || asked.Sign() <= 0 {", "if asked.Sign() <= 0 {", "./internal/transformation", "TestRefusals|TestBatch"},
	{"7", "a lot is made of itself", "migrations/00021_line.sql", "IF circle IS NOT NULL THEN", "IF false THEN", "./internal/linetest", "TestProveDAG.*"},
	{"7", "two transactions close a circle at once", "migrations/00021_line.sql", "PERFORM pg_advisory_xact_lock(2, 0);", "", "./internal/linetest", "TestProveDAG"},
	{"10", "what is sent again is done again", "internal/command/claim.go", "if err != nil || n == 1 {", "if err != nil || n <= 1 {", "./internal/command", "Test.*"},
	{"10", "a key is good for another input", "internal/command/claim.go", "if !bytes.Equal(first.InputHash, c.InputHash) {", "if false {", "./internal/command", "Test.*"},
	{"13", "a lot weighs more than it may", "internal/lot/bounds.go", "if kg == nil || kg.Cmp(at.MaxLotKg) <= 0 {", "if true {", "./internal/transformation", "TestRefusals"},
	{"13", "a temperature is out of its bounds", "internal/lot/bounds.go", "t.Cmp(coldest) >= 0 && t.Cmp(warmest) <= 0 && ", "", "./internal/transformation", "TestRefusals"},
}
