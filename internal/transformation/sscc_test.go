package transformation_test

import (
	"sync"
	"testing"

	"flowviz/db"
	"flowviz/internal/linetest"
	"flowviz/internal/transformation"
)

// TestPalletsAtOnce packs at two sites that share their company's prefix: no number is given twice, none is left out, also where some
// of the packing is refused.
func TestPalletsAtOnce(t *testing.T) {
	t.Parallel()
	p := linetest.New(t)
	other := p.AddSite("TISZ")
	p.Operator.Memberships[other.ID] = db.RoleOPERATOR
	if _, err := p.Owner.Exec(t.Context(), `UPDATE site SET company_prefix = '9521001'`); err != nil {
		t.Fatal(err)
	}
	pack := func(site db.Site, batch []transformation.NewLot) error {
		_, err := p.Transformations.RegisterLots(p.As(p.Operator), transformation.Registrations{SiteCode: site.Code, ScenarioKey: new("chilled-ready-meal"), Lots: batch})
		return err
	}
	var all sync.WaitGroup
	for _, site := range []db.Site{p.Site, other} {
		for range 4 {
			all.Go(func() {
				goods, err := p.Transformations.RegisterLot(p.As(p.Operator), transformation.Registration{
					SiteCode: site.Code, ScenarioKey: new("chilled-ready-meal"), NewLot: transformation.NewLot{LotType: "FG", WeightKg: linetest.Kg("100")},
				})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := p.Owner.Exec(t.Context(), `UPDATE lot SET status = 'RELEASED' WHERE id = $1`, goods.Lots[0]); err != nil {
					t.Error(err)
				}
				of := transformation.Draw{LotID: p.LotID(goods.Lots[0]), QuantityKg: linetest.Kg("1")}
				of.LotID.Site = site.ID
				one := transformation.NewLot{LotType: "PAL", WeightKg: linetest.Kg("1"), Inputs: []transformation.Draw{of}}
				for range 5 {
					if err := pack(site, []transformation.NewLot{one, one}); err != nil {
						t.Error(err)
					}
					nowhere := one
					nowhere.Location = new("NONE")
					if err := pack(site, []transformation.NewLot{one, nowhere}); err == nil {
						t.Error("a location that isn't there was not refused")
					}
				}
			})
		}
	}
	all.Wait()
	var units, numbers, last int
	if err := p.Owner.QueryRow(t.Context(), `SELECT count(gs1_key), count(DISTINCT gs1_key), max(substr(gs1_key, 12, 9)::integer) FROM lot WHERE gs1_key LIKE '00/%'`).Scan(&units, &numbers, &last); err != nil {
		t.Fatal(err)
	}
	if units != 80 || numbers != 80 || last != 80 {
		t.Errorf("%d units have %d numbers, the last of which is %d", units, numbers, last)
	}
}
