package lot

import (
	"context"
	"strings"

	"flowviz/db"
	"flowviz/internal/command"
	"flowviz/internal/fault"
	"flowviz/internal/gs1"
)

const ssccKey = "00/"

// SSCC is the number of a logistic unit, 18 digits; nil where the lot is none, or its site has no GS1 company prefix.
func (l *Lot) SSCC() *string {
	if l.GS1Key == nil {
		return nil
	}
	sscc, ok := strings.CutPrefix(*l.GS1Key, ssccKey)
	if !ok {
		return nil
	}
	return &sscc
}

// KeyOf is the GS1 key that a text writes, in any spelling; an SSCC also bare.
func KeyOf(text string) (key string, ok bool) {
	if key, ok := gs1.Canonical(text); ok {
		return key, true
	}
	sscc, err := gs1.ReadSSCC(text)
	return ssccKey + sscc, err == nil
}

// NextSSCCs takes the next SSCCs of a site's company prefix, which it has, and returns their GS1 keys. Numbers that documents of others
// have used for lots of the site are passed over. The prefix's counter stays locked until the transaction ends: take it after those of
// codes.
func NextSSCCs(ctx context.Context, tx *command.Tx, at db.Site, count int) ([]string, error) {
	keys := make([]string, 0, count)
	for len(keys) < count {
		missing := int64(count - len(keys))
		last, err := tx.NextSSCCNumber(ctx, db.NextSSCCNumberParams{CompanyPrefix: *at.CompanyPrefix, Count: missing})
		if err != nil {
			return nil, err
		}
		taken := make([]string, missing)
		for i := range taken {
			key, err := gs1.NthSSCC(*at.CompanyPrefix, last-missing+1+int64(i))
			if err != nil {
				return nil, fault.New(fault.FailedPrecondition, "siteCode", "%s", fault.Of(err).Message)
			}
			taken[i] = key.Canonical()
		}
		known, err := tx.LotsByCodesOrKeys(ctx, db.LotsByCodesOrKeysParams{SiteID: at.ID, Codes: []string{}, GS1Keys: taken})
		if err != nil {
			return nil, err
		}
		used := make(map[string]bool, len(known))
		for _, k := range known {
			used[*k.GS1Key] = true
		}
		for _, key := range taken {
			if !used[key] {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}
