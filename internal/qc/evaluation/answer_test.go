package evaluation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"flowviz/internal/fault"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

const gtin, otherGTIN = "09521321000018", "09521321000025"

func item(kind definition.AnswerType, expect definition.Expect, required bool) definition.Gate {
	return definition.Gate{
		Number: quantity.MustParse("8"),
		Checklist: []definition.ChecklistItem{
			{Code: "ITEM", Text: definition.Text{En: "Question"}, Type: kind, Required: required, FailEffect: definition.EffectFail, Expect: expect},
		},
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		kind     definition.AnswerType
		required bool
		value    any
		want     evaluation.Status
		effect   definition.FailEffect
	}{
		{"yes", definition.AnswerBool, true, true, evaluation.StatusMet, ""},
		{"no", definition.AnswerBool, true, false, evaluation.StatusNotMet, definition.EffectFail},
		{"no answer", definition.AnswerBool, true, nil, evaluation.StatusMissing, definition.EffectHold},
		{"no answer where none is needed", definition.AnswerBool, false, nil, evaluation.StatusMissing, ""},
		{"no where no answer is needed", definition.AnswerBool, false, false, evaluation.StatusNotMet, definition.EffectFail},
		{"a number", definition.AnswerNumber, true, json.Number("-1.50"), evaluation.StatusMet, ""},
		{"a decimal", definition.AnswerNumber, true, quantity.MustParse("3"), evaluation.StatusMet, ""},
		{"a number in a text", definition.AnswerNumber, true, "12.3", evaluation.StatusMet, ""},
		{"an integer", definition.AnswerNumber, true, 3, evaluation.StatusMet, ""},
		{"a text", definition.AnswerText, true, " L-1 ", evaluation.StatusMet, ""},
		{"a blank text", definition.AnswerText, true, " \t", evaluation.StatusMissing, definition.EffectHold},
		{"a photo", definition.AnswerPhoto, true, "photo-1", evaluation.StatusMet, ""},
		{"no photo where none is needed", definition.AnswerPhoto, false, "", evaluation.StatusMissing, ""},
	} {
		f := evaluated(t, evaluation.Input{Gate: item(test.kind, "", test.required), Answers: []evaluation.Answer{{Code: "ITEM", Value: test.value}}}, "ITEM")
		if f.Status != test.want || f.Effect != test.effect {
			t.Errorf("%s is %s with effect %q: %s; want %s with %q", test.name, f.Status, f.Effect, f.Message, test.want, test.effect)
		}
	}
	if f := evaluated(t, evaluation.Input{Gate: item(definition.AnswerBool, "", true)}, "ITEM"); f.Status != evaluation.StatusMissing {
		t.Errorf("an item that nobody names is %s", f.Status)
	}
}

func TestAnswersThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		kind    definition.AnswerType
		answers []evaluation.Answer
		field   string
		says    string
	}{
		{"a text for yes", definition.AnswerBool, []evaluation.Answer{{Code: "ITEM", Value: "yes"}}, "answers[ITEM]", "true or false"},
		{"a float", definition.AnswerNumber, []evaluation.Answer{{Code: "ITEM", Value: 1.5}}, "answers[ITEM]", "not exact"},
		{"yes for a number", definition.AnswerNumber, []evaluation.Answer{{Code: "ITEM", Value: true}}, "answers[ITEM]", "decimal"},
		{"a number for a text", definition.AnswerText, []evaluation.Answer{{Code: "ITEM", Value: 5}}, "answers[ITEM]", "a text"},
		{"a long text", definition.AnswerText, []evaluation.Answer{{Code: "ITEM", Value: strings.Repeat("a", 1001)}}, "answers[ITEM]", "at most 1000"},
		{"a list for a code", definition.AnswerScanMatch, []evaluation.Answer{{Code: "ITEM", Value: []any{"a"}}}, "answers[ITEM]", "a text"},
		{"two answers", definition.AnswerBool, []evaluation.Answer{{Code: "ITEM", Value: true}, {Code: "ITEM", Value: true}}, "answers[ITEM]", "answered twice"},
		{"another question", definition.AnswerBool, []evaluation.Answer{{Code: "HUH", Value: true}}, "answers[HUH]", "gate 8 asks no such question"},
	} {
		_, err := evaluation.Evaluate(evaluation.Input{Gate: item(test.kind, "", true), Answers: test.answers})
		f := fault.Of(err)
		if f == nil || f.Code != fault.BadUserInput || f.Field != test.field || !strings.Contains(f.Message, test.says) {
			t.Errorf("%s: %v; want BAD_USER_INPUT of %s with %q", test.name, err, test.field, test.says)
		}
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	in := good(t)
	in.Measurements = measured(t, "fe_sphere 1.5 CEL; yield 60 P1")
	in.Answers = []evaluation.Answer{{Code: "REJ", Value: "yes"}, {Code: "HUH", Value: true}}
	_, err := evaluation.Evaluate(in)
	list, ok := err.(fault.List) //nolint:errorlint // Evaluate promises this very type
	if !ok || len(list) != 4 {
		t.Errorf("%v; want four faults", err)
	}
}

func TestScans(t *testing.T) {
	t.Parallel()
	const sscc, otherSSCC = "395213210000000019", "395213210000000026"
	for _, test := range []struct {
		name     string
		expect   definition.Expect
		expected []string
		scanned  string
		want     evaluation.Status
	}{
		{"the GTIN", definition.ExpectProductGTIN, []string{gtin}, gtin, evaluation.StatusMet},
		{"the bar code of it", definition.ExpectProductGTIN, []string{gtin}, gtin[1:], evaluation.StatusMet},
		{"a label with its lot", definition.ExpectProductGTIN, []string{gtin}, "(01)" + gtin + "(10)L1", evaluation.StatusMet},
		{"as a scanner reads it", definition.ExpectProductGTIN, []string{gtin}, "]d201" + gtin + "17261101" + "10L1", evaluation.StatusMet},
		{"a Digital Link", definition.ExpectProductGTIN, []string{gtin}, "https://id.gs1.org/01/" + gtin + "/10/L1", evaluation.StatusMet},
		{"a Digital Link expected", definition.ExpectProductGTIN, []string{"https://id.gs1.org/01/" + gtin}, gtin, evaluation.StatusMet},
		{"another GTIN", definition.ExpectProductGTIN, []string{gtin}, "(01)" + otherGTIN + "(10)L1", evaluation.StatusNotMet},
		{"a wrong check digit", definition.ExpectProductGTIN, []string{gtin}, "09521321000019", evaluation.StatusNotMet},
		{"a lot where one is expected", definition.ExpectRecipe, []string{"(01)" + gtin + "(10)L1"}, "https://example.com/01/" + gtin + "/10/L1", evaluation.StatusMet},
		{"no lot where one is expected", definition.ExpectRecipe, []string{"(01)" + gtin + "(10)L1"}, gtin, evaluation.StatusNotMet},
		{"another lot", definition.ExpectRecipe, []string{"(01)" + gtin + "(10)L1"}, "(01)" + gtin + "(10)L2", evaluation.StatusNotMet},
		{"one of several", definition.ExpectRecipe, []string{"RCP-1", "RCP-2"}, " RCP-2 ", evaluation.StatusMet},
		{"none of several", definition.ExpectRecipe, []string{"RCP-1", "RCP-2"}, "RCP-3", evaluation.StatusNotMet},
		{"another spelling of a code of the plant's own", definition.ExpectRecipe, []string{"RCP-1"}, "rcp-1", evaluation.StatusNotMet},
		{"the container", definition.ExpectContainerSpecies, []string{"BEEF"}, "TUB-7-beef", evaluation.StatusMet},
		{"another container", definition.ExpectContainerSpecies, []string{"BEEF"}, "TUB-CHICKEN", evaluation.StatusNotMet},
		{"the SSCC", definition.ExpectSSCC, []string{sscc}, "00" + sscc, evaluation.StatusMet},
		{"the SSCC in brackets", definition.ExpectSSCC, []string{sscc}, "(00)" + sscc, evaluation.StatusMet},
		{"another SSCC", definition.ExpectSSCC, []string{sscc}, "(00)" + otherSSCC, evaluation.StatusNotMet},
		{"the goods on the pallet", definition.ExpectSSCC, []string{sscc}, "(01)" + gtin, evaluation.StatusNotMet},
		{"nothing to compare with", definition.ExpectSSCC, nil, "(00)" + sscc, evaluation.StatusUndecidable},
	} {
		f := evaluated(t, evaluation.Input{
			Gate: item(definition.AnswerScanMatch, test.expect, true), Answers: []evaluation.Answer{{Code: "ITEM", Value: test.scanned}},
			Expected: map[definition.Expect][]string{test.expect: test.expected},
		}, "ITEM")
		if f.Status != test.want {
			t.Errorf("%s, %s for %v: %s, %s; want %s", test.name, test.scanned, test.expected, f.Status, f.Message, test.want)
		}
	}
}

// TestAnUnknownCodeIsNoWorseThanAWrongOne: where a wrong one is a remark, so is one that can't be compared.
func TestAnUnknownCodeIsNoWorseThanAWrongOne(t *testing.T) {
	t.Parallel()
	for effect, want := range map[definition.FailEffect]definition.FailEffect{
		definition.EffectNote: definition.EffectNote, definition.EffectHold: definition.EffectHold, definition.EffectFail: definition.EffectHold,
	} {
		in := evaluation.Input{Gate: item(definition.AnswerScanMatch, definition.ExpectRecipe, true), Answers: []evaluation.Answer{{Code: "ITEM", Value: "RCP-1"}}}
		in.Gate.Checklist[0].FailEffect = effect
		if f := evaluated(t, in, "ITEM"); f.Status != evaluation.StatusUndecidable || f.Effect != want {
			t.Errorf("of an item with %s it is %s with %s; want UNDECIDABLE with %s", effect, f.Status, f.Effect, want)
		}
	}
}
