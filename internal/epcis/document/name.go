package document

import "strings"

// bare cuts a value of the Core Business Vocabulary (CBV) down to its name, which is what EPCIS 2.0 writes in JSON:
// urn:epcglobal:cbv:bizstep:shipping and https://ref.gs1.org/cbv/BizStep-shipping are shipping. What is of another vocabulary stays as it
// is. urn and web are the names of that part of the CBV in the two spellings.
func bare(s, urn, web string) string {
	for _, prefix := range []string{"urn:epcglobal:cbv:" + urn + ":", "https://ref.gs1.org/cbv/" + web + "-", "cbv:" + web + "-"} {
		if name, ok := strings.CutPrefix(s, prefix); ok && name != "" {
			return name
		}
	}
	return s
}

// localName cuts the namespace off a name: cbvmda:lotNumber, urn:epcglobal:cbv:mda#lotNumber and https://ref.gs1.org/voc/lotNumber are all
// lotNumber.
func localName(s string) string {
	if i := strings.LastIndexAny(s, "#/:"); i >= 0 && i < len(s)-1 {
		return s[i+1:]
	}
	return s
}
