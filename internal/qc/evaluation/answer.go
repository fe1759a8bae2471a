package evaluation

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"flowviz/internal/fault"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario/definition"
)

// mostText is how long an answer may be. A scanned element string or Digital Link has room, a document has none.
const mostText = 1000

func answerField(code string) string { return "answers[" + cut(code) + "]" }

// answered are the answers by their code, nil for what wasn't answered, and what is wrong with them.
func answered(gate definition.Gate, answers []Answer) (map[string]any, fault.List) {
	items := map[string]definition.ChecklistItem{}
	for _, item := range gate.Checklist {
		items[item.Code] = item
	}
	given := map[string]any{}
	seen := map[string]bool{}
	var faults fault.List
	for _, a := range answers {
		item, ok := items[a.Code]
		switch {
		case !ok:
			faults = append(faults, fault.BadInput(answerField(a.Code), "gate %s asks no such question: leave it out, or correct the code", gate.Number))
		case seen[a.Code]:
			faults = append(faults, fault.BadInput(answerField(a.Code), "it is answered twice: keep one answer"))
		default:
			seen[a.Code] = true
			value, err := formed(item.Type, a.Value)
			if err != "" {
				faults = append(faults, fault.BadInput(answerField(a.Code), "%s", err))
			}
			given[a.Code] = value
		}
	}
	return given, faults
}

// formed is an answer in the form that its type asks for, nil for none; wrong says why it is in another.
func formed(kind definition.AnswerType, value any) (answer any, wrong string) {
	if value == nil {
		return nil, ""
	}
	switch kind {
	case definition.AnswerBool:
		if yes, ok := value.(bool); ok {
			return yes, ""
		}
		return nil, "the answer is true or false"
	case definition.AnswerNumber:
		return number(value)
	default:
		text, ok := value.(string)
		if n := utf8.RuneCountInString(text); !ok || n > mostText {
			return nil, "the answer is a text of at most " + strconv.Itoa(mostText) + " characters"
		}
		if text = strings.TrimSpace(text); text == "" {
			return nil, ""
		}
		return text, ""
	}
}

func number(value any) (answer any, wrong string) {
	if d, ok := value.(quantity.Decimal); ok {
		return d, ""
	}
	var d quantity.Decimal
	if err := d.UnmarshalGQL(value); err != nil {
		return nil, fault.Of(err).Message
	}
	return d, ""
}

// judgeItem says whether an item is answered well. A number, a text and a photo are good when they are there.
func judgeItem(item definition.ChecklistItem, answer any, expected []string) Finding {
	f := Finding{Subject: SubjectItem, Code: item.Code, Status: StatusMet}
	say := func(status Status, effect definition.FailEffect, what string) Finding {
		f.Status, f.Effect, f.Message = status, effect, item.Text.En+": "+what
		return f
	}
	switch answer := answer.(type) {
	case nil:
		if item.Required {
			return say(StatusMissing, definition.EffectHold, "not answered, and there is no PASS without it")
		}
		return say(StatusMissing, "", "not answered, and need not be")
	case bool:
		if !answer {
			return say(StatusNotMet, item.FailEffect, "the answer is no")
		}
		return say(StatusMet, "", "yes")
	case quantity.Decimal:
		return say(StatusMet, "", answer.String())
	case string:
		if item.Type == definition.AnswerScanMatch {
			return say(scanned(item, answer, expected))
		}
		return say(StatusMet, "", cut(answer))
	}
	return say(StatusMissing, definition.EffectHold, "the answer can't be read") // formed makes no other types
}

// scanned compares a scanned code with those expected.
func scanned(item definition.ChecklistItem, code string, expected []string) (Status, definition.FailEffect, string) {
	if len(expected) == 0 {
		effect := definition.EffectHold
		if item.FailEffect == definition.EffectNote { // unknown is no worse than wrong
			effect = definition.EffectNote
		}
		if item.Expect == definition.ExpectContainerSpecies {
			return StatusUndecidable, effect, cut(code) + " was scanned, and the lot's species isn't known"
		}
		return StatusUndecidable, effect, cut(code) + " was scanned, and what it should be isn't known: register " + expectation(item.Expect) + " first"
	}
	match := matches
	if item.Expect == definition.ExpectContainerSpecies {
		match = keptFor
	}
	for _, want := range expected {
		if match(code, want) {
			return StatusMet, "", cut(code) + " is " + expectation(item.Expect)
		}
	}
	return StatusNotMet, item.FailEffect, cut(code) + " is not " + expectation(item.Expect) + ", which is " + alternatives(expected)
}

func expectation(e definition.Expect) string {
	switch e {
	case definition.ExpectRecipe:
		return "the approved recipe or an ingredient of it"
	case definition.ExpectProductGTIN:
		return "the GTIN of the product"
	case definition.ExpectContainerSpecies:
		return "a container reserved for the lot's species"
	case definition.ExpectSSCC:
		return "the SSCC of the unit"
	}
	return "the code expected"
}

// alternatives lists codes, the first few of many.
func alternatives(codes []string) string {
	const most = 3
	shown := make([]string, 0, most)
	for _, code := range codes[:min(len(codes), most)] {
		shown = append(shown, cut(code))
	}
	list := strings.Join(shown, " or ")
	if more := len(codes) - most; more > 0 {
		list += " or one of " + strconv.Itoa(more) + " more"
	}
	return list
}

// cut shortens what a sender wrote, so that a message's length does not depend on them.
func cut(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
