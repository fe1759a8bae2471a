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
	{"1", "a run advances without the PASS of a gate", "internal/run/obstacle.go", "gate != nil && !o.passed(g) {", "gate != nil && !o.passed(g) && false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past a held lot", "internal/run/obstacle.go", "if l.Held {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past an exposed lot", "internal/run/obstacle.go", "if l.Exposed {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances past a rejected lot", "internal/run/obstacle.go", "if l.Status == db.LotStatusREJECTED {", "if false {", "./internal/run", "TestAdvance|TestLives"},
	{"1", "a run advances without the check of the line", "internal/run/obstacle.go", "if !passed[g.ID] {", "if false {", "./internal/run", "TestAdvancePastALine"},
	{"2", "a PASS stands against its limits", "internal/qc/judge.go", "if c.Decision == db.QcOutcomePASS {", "if false {", "./internal/qc", "TestPass.*"},
	{"3", "a HOLD says nothing", "internal/command/reason.go", "n < minReason || ", "", "./internal/qc", "TestWhatIsRefused"},
	{"4", "a held lot is used", "internal/lot/use.go", "if u.Held {", "if false {", "./internal/hold", "TestHoldReachesAllThatWasMade"},
	{"4", "an exposed lot is used", "internal/lot/use.go", "if u.Exposed {", "if false {", "./internal/hold", "TestHoldReachesAllThatWasMade"},
	{"4", "a sample of a stopped lot goes free", "internal/transformation/expose.go", "if len(made) == 0 {", "if true {", "./internal/transformation", "TestSamplesOfStoppedLotsAreExposed"},
	{"4", "who opened a deviation verifies it", "internal/deviation/verify.go", "case decided || d.OpenedBy == me:", "case decided && false:", "./internal/deviation", "Test.*"},
	{"4", "who described a deviation verifies it", "internal/deviation/verify.go", "case slices.Contains(d.DescribedBy, me):", "case slices.Contains(d.DescribedBy, me) && false:", "./internal/deviation", "Test.*"},
	{"4", "a deviation is closed unsigned", "internal/deviation/close.go", "if err := sign.Save(ctx, tx.Queries); err != nil {", "if err := error(nil); err != nil {", "./internal/deviation", "Test.*"},
	{"4", "a hold lets others work on", "internal/command/lock.go", "tx.Exclude(ctx, below...)", "tx.Share(ctx, below...)", "./internal/hold", "TestHoldWaitsForWhatIsBeingMade"},
	{"4", "who decided at a CCP lets it go", "internal/hold/end.go", "if h.Hold.HeldBy == me || is(h.DecidedBy, me) {", "if false {", "./internal/qc", "Test.*"},
	{"4", "who passed at a CCP lets it go", "internal/hold/end.go", "if is(h.PassedBy, me) {", "if false {", "./internal/qc", "TestASecondPersonReleasesAtACCP"},
	{"4", "who rejects clears what that exposed", "internal/hold/clear.go", "|| is(e.EndedBy, me) ", "", "./internal/hold", "TestClearExposure"},
	{"4", "a CCP lets go without a new PASS or an evaluation", "internal/hold/end.go", "if h.PassedBy == nil && !e.evaluated {", "if false {", "./internal/qc", "Test.*"},
	{"4", "a recall exposes nothing that was made", "internal/hold/service.go", "if o.Recall != nil {", "if false {", "./internal/recall", "TestRealStopsAndExposes"},
	{"4", "an exercise stops lots", "internal/recall/open.go", "	if row.Kind == db.RecallKindREAL {\n		if err := stop(", "	if row.DeviationID == nil {\n		row.DeviationID = &row.ID\n	}\n	if true {\n		if err := stop(", "./internal/recall", "TestMockChangesNothing"},
	{"4", "a recall is closed while it holds lots", "internal/recall/close.go", "return row, faults.Err()", "return row, faults[:0].Err()", "./internal/recall", "TestRealStopsAndExposes"},
	{"4", "who recalls clears what that exposed", "internal/hold/clear.go", "|| is(e.RecalledBy, me) ", "", "./internal/recall", "TestRecalledExposureIsCleared"},
	{"4", "an auditor recalls", "internal/recall/recall.go", "if kind == db.RecallKindREAL {", "if false {", "./internal/recall", "TestWhoMayRecall"},
	{"4", "a token that may only read recalls", "internal/recall/recall.go", "if actor.ReadOnly {", "if false {", "./internal/recall", "TestWhoMayRecall"},
	{"4", "what a recall holds at a CCP is let go as anywhere", "internal/recall/open.go", "o.Gate = &scope.GateID.UUID", "_ = scope.GateID", "./internal/recall", "TestGateThatBrackets"},
	{"5", "what passed a gate escapes its recall", "internal/recall/scope.go", "p.Equipment = past,", "p.Equipment = past[:0],", "./internal/recall", "TestGate.*"},
	{"5", "a failed check of the line holds nothing", "internal/qc/follow.go", "if !c.gate.Bracketing || len(c.gate.Of) == 0 {", "if true {", "./internal/qc", "TestBracketing.*"},
	{"5", "what lacks the later result leaves the site", "internal/transformation/service.go", "b.keepRules, b.mayLeave,", "b.keepRules,", "./internal/qc", "Test.*"},
	{"6", "more is drawn than remains", "internal/transformation/judge.go", "if asked.Cmp(rest) > 0 || asked.Sign() <= 0 {", "if asked.Sign() <= 0 {", "./internal/transformation", "TestRefusals|TestBatch"},
	{"6", "a yield beyond its band tells nobody", "internal/yield/yield.go", "if f.Status != evaluation.StatusNotMet {", "if f.Status != \"\" {", "./internal/yield", "Test.*"},
	{"7", "a lot is made of itself", "migrations/00081_acyclic.sql", "IF taken < cardinality(ids) THEN", "IF false THEN", "./internal/linetest", "TestProveDAG.*"},
	{"7", "two transactions close a circle at once", "migrations/00081_acyclic.sql", "does not see what others link'\n            USING ERRCODE = 'feature_not_supported';\n    END IF;\n    PERFORM pg_advisory_xact_lock(2, 0);", "'; END IF;", "./internal/linetest", "TestTwoTransactionsCloseNoCircle"},
	{"8", "SameAttribute isn't kept", "internal/scenario/rule/rule.go", "a.sameAttribute(r)", "_ = r", "./internal/scenario/rule", "TestSameAttribute.*"},
	{"8", "SameProductionDay isn't kept", "internal/scenario/rule/rule.go", "a.sameProductionDay(r)", "_ = r", "./internal/scenario/rule", "TestSameProductionDay"},
	{"8", "MaxAge isn't kept", "internal/scenario/rule/rule.go", "a.maxAge(r)", "_ = r", "./internal/scenario/rule", "TestMaxAge"},
	{"8", "MaxShare isn't kept", "internal/scenario/rule/rule.go", "a.maxShare(r)", "_ = r", "./internal/scenario/rule", "TestMaxShare"},
	{"8", "InheritUnion isn't kept", "internal/scenario/rule/rule.go", "a.inheritUnion(r)", "_ = r", "./internal/scenario/rule", "TestInheritUnion"},
	{"8", "anything is made of anything", "internal/scenario/rule/rule.go", "a.checkTypes()", "", "./internal/scenario/rule", "TestAllowedInputs"},
	{"8", "nothing expires", "internal/scenario/rule/rule.go", "a.expire()", "", "./internal/scenario/rule", "TestExpiry"},
	{"8", "what the rules refuse is recorded", "internal/transformation/rules.go", `faults = append(faults, fault.New(f.Code, e.ruleField(f.Field), "%s", f.Message))`, "_ = f", "./internal/transformation", "TestRulesOfTheScenario"},
	{"9", "a decision is corrected without a reason", "internal/qc/record.go", "in.Decision != db.QcOutcomePASS || in.SupersedesID != nil", "in.Decision != db.QcOutcomePASS", "./internal/qc", "TestCorrection"},
	{"9", "a correction has no reason", "internal/transformation/void.go", `if err := command.CheckReason("reason", in.Reason, command.MaxReason); err != nil {`, "if err := error(nil); err != nil {", "./internal/transformation", "TestVoid|TestReplace"},
	{"9", "what was used since is voided", "internal/transformation/void.go", "if use := made[id]; !untouched(use) || slices.Contains(inUse, id) {", "if use := made[id]; slices.Contains(inUse, uuid.Nil) {", "./internal/transformation", "TestVoid"},
	{"9", "a stocktake hides what was used", "internal/transformation/void.go", "!untouched(use) || slices.Contains(inUse, id)", "!untouched(use) || slices.Contains(inUse, uuid.Nil)", "./internal/transformation", "TestVoidSeesWhatAStocktakeHides"},
	{"9", "what a correction shows goes free", "internal/transformation/reconsider.go", "return v.stop(ctx, found)", "return nil", "./internal/transformation", "TestCorrection.*"},
	{"9", "an allergen that a correction finds goes no further", "internal/transformation/remake.go", "lot.Redescribe(ctx, r.tx, r.worse)", "error(nil)", "./internal/transformation", "TestCorrection.*"},
	{"9", "a correction makes a lot of what came later", "internal/transformation/replace.go", "if use.OccurredAt.After(at) {", "if false {", "./internal/transformation", "TestCorrectionOfATime"},
	{"10", "what is sent again is done again", "internal/command/claim.go", "if err != nil || n == 1 {", "if err != nil || n <= 1 {", "./internal/command", "Test.*"},
	{"10", "a key is good for another input", "internal/command/claim.go", "if !bytes.Equal(first.InputHash, c.InputHash) {", "if bytes.Equal(nil, c.InputHash) {", "./internal/command", "Test.*"},
	{"11", "a run announces lots that nobody asked for", "internal/run/advance.go", "if !r.AutoRegister {", "if false {", "./internal/run", "TestAnnounce"},
	{"11", "what is only announced is used", "internal/lot/use.go", "case !u.Announced:", "case true:", "./internal/run", "TestAnnouncedIsMadeBeforeItIsUsed"},
	{"12", "a change leaves no audit event", "internal/command/command.go", "if err := x.log.Record(ctx, tx.Queries, ofSite...); err != nil {", "if err := x.log.Record(ctx, tx.Queries, ofSite[:0]...); err != nil {", "./internal/command", "Test.*"},
	{"12", "a change tells nobody", "internal/command/command.go", "if err := event.Append(ctx, tx.Queries, x.newID, tx.At, site, told); err != nil {", "if err := error(nil); err != nil {", "./internal/command", "Test.*"},
	{"13", "a lot weighs more than it may", "internal/lot/bounds.go", "if kg == nil || kg.Cmp(at.MaxLotKg) <= 0 {", "if true {", "./internal/transformation", "TestRefusals"},
	{"13", "a temperature is out of its bounds", "internal/lot/bounds.go", "t.Cmp(coldest) >= 0 && t.Cmp(warmest) <= 0 && ", "", "./internal/transformation", "TestRefusals"},
	{"14", "a run's yield is another", "internal/run/summary.go", "s.OutKg.MulQuo(", "s.InKg.MulQuo(", "./graph", "TestGolden"},
	{"15", "an import tells nobody of an overdraw", "internal/epcis/settle.go", "negative(r.RemainingKg) && ", "false && ", "./internal/epcis", "TestOverdrawAndBoundsAreAlerts"},
	{"15", "an import tells nobody of what weighs too much", "internal/epcis/settle.go", "if above(r.WeightKg, maxWeight) && ", "if false && ", "./internal/epcis", "TestOverdrawAndBoundsAreAlerts"},
}
