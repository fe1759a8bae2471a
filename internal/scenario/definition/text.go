package definition

import "strings"

// Text is a text in every language of the user interface.
type Text struct {
	En string `json:"en"`
	Hu string `json:"hu"`
}

// In is the text in the language of a BCP 47 locale: Hungarian for "hu" and "hu-HU", English for all others and for "".
func (t Text) In(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	if strings.EqualFold(language, "hu") {
		return t.Hu
	}
	return t.En
}
