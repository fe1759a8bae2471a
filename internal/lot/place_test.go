package lot_test

import (
	"testing"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/fault"
	"flowviz/internal/hold"
	"flowviz/internal/linetest"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/relay"
	"flowviz/internal/transformation"
)

// store is a plant with a chiller for 100 kg of components, from 0 to 4 °C.
type store struct {
	*linetest.Plant
	t *testing.T
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{linetest.New(t), t}
	if _, err := s.Owner.Exec(t.Context(), `INSERT INTO location (id, site_id, code, name, kind, lot_types, capacity_kg, temperature_min_c, temperature_max_c)
		VALUES ($1, $2, 'CHILL', 'Chiller', 'BUFFER', '{WIP}', 100, 0, 4)`, linetest.NewID(), s.Site.ID); err != nil {
		t.Fatal(err)
	}
	return s
}

// put makes a lot in the chiller, which nobody has weighed where kg is "".
func (s *store) put(kg string) uuid.UUID {
	s.t.Helper()
	n := transformation.NewLot{LotType: "WIP", Location: new("CHILL")}
	if kg != "" {
		n.WeightKg = linetest.Kg(kg)
	}
	made, err := s.Transformations.RegisterLot(s.As(s.Operator), transformation.Registration{SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), NewLot: n})
	if err != nil {
		s.t.Fatal(err)
	}
	return made.Lots[0]
}

func (s *store) measure(id uuid.UUID, kg, celsius string) error {
	m := lot.Measurement{LotID: s.LotID(id)}
	if kg != "" {
		m.WeightKg = linetest.Kg(kg)
	}
	if celsius != "" {
		m.TemperatureC = linetest.Kg(celsius)
	}
	_, err := s.Lots.Measure(s.As(s.Operator), m)
	return err
}

func (s *store) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// told are the chiller's alerts that nobody has seen before.
func (s *store) told(what string, want int, part string) {
	s.t.Helper()
	var n int
	s.must(s.Owner.QueryRow(s.t.Context(), `WITH seen AS (
			UPDATE alert SET acknowledged_at = $1, acknowledged_by = $2 WHERE kind = 'LIMIT_EXCEEDED' AND acknowledged_at IS NULL RETURNING message
		) SELECT count(*) FROM seen WHERE message LIKE 'CHILL: %' || $3 || '%'`, s.Now(), s.Operator.UserID, part).Scan(&n))
	if n != want {
		s.t.Errorf("%s: %d alerts of %s, not %d", what, n, part, want)
	}
}

// TestABufferIsKeptWhenALotIsMeasured: what wasn't known when the lot came there is judged when it is.
func TestABufferIsKeptWhenALotIsMeasured(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	s.put("60")
	id := s.put("")
	linetest.Refused(t, s.measure(id, "41", ""), fault.FailedPrecondition, "weightKg", "41.000 kg more are 1.000 kg too many")
	linetest.Refused(t, s.measure(id, "5", "30"), fault.FailedPrecondition, "temperatureC", "30.00 °C")
	if l := s.Lot(id); l.WeightKg != nil || l.TemperatureC != nil {
		t.Errorf("it was kept all the same: %+v", l)
	}
	s.must(s.measure(id, "40", "3"))
	s.told("good", 0, "")
	s.must(s.measure(id, "", "8")) // the chiller fails: that is to be known
	s.told("it got warm", 1, "8.00 °C")
	if l := s.Lot(id); !l.TemperatureC.Equal(*linetest.Kg("8")) {
		t.Errorf("it has %s °C", l.TemperatureC)
	}
	s.must(s.measure(id, "", "3"))
	s.told("it is cold again", 0, "")
}

// TestABufferThatIsOverfullIsTold: what is counted or corrected is so, and is refused for nothing.
func TestABufferThatIsOverfullIsTold(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	a := s.put("60")
	wasted, err := s.Transformations.RegisterLot(s.As(s.Operator), transformation.Registration{
		SiteCode: "DUNA", ScenarioKey: new("chilled-ready-meal"), NewLot: transformation.NewLot{LotType: "TRAY", WeightKg: linetest.Kg("20"), Inputs: []transformation.Draw{s.Of(a, "20")}},
	})
	s.must(err)
	stock := func(kg string) {
		t.Helper()
		_, err := s.Lots.TakeStock(s.As(s.Manager), lot.Stocktake{LotID: s.LotID(a), RemainingKg: linetest.Kg(kg), Reason: "counted by hand"})
		s.must(err)
	}
	b := s.put("55")
	stock("30")
	stock("45")
	s.told("there is room", 0, "")
	stock("50")
	s.told("found again", 1, "5.000 kg too many")
	stock("40")
	s.told("less", 0, "")
	void := func(id uuid.UUID, with *transformation.Replacement) {
		t.Helper()
		_, err := s.Transformations.VoidTransformation(s.As(s.Manager), transformation.Void{
			TransformationID: relay.ID{Kind: relay.Transformation, Site: s.Site.ID, UUID: id}, Reason: "it was booked wrongly", Replacement: with,
		})
		s.must(err)
	}
	void(wasted.ID, nil)
	s.told("given back", 1, "15.000 kg too many")
	_, err = s.Owner.Exec(t.Context(), "UPDATE location SET capacity_kg = 150")
	s.must(err)
	var maker uuid.UUID
	s.must(s.Owner.QueryRow(t.Context(), "SELECT transformation_id FROM transformation_output WHERE lot_id = $1", b).Scan(&maker))
	void(maker, &transformation.Replacement{Outputs: []transformation.Revised{{LotID: s.LotID(b), WeightKg: linetest.Kg("95")}}})
	s.told("heavier than it was said", 1, "5.000 kg too many")
	_, err = location.NewService(s.Commands).Move(s.As(s.Operator), location.Move{LotIDs: []relay.ID{s.LotID(s.Make("WIP", "1"))}, LocationCode: "CHILL"})
	linetest.Refused(t, err, fault.FailedPrecondition, "locationCode", "too many")
}

// TestARejectedLotLeavesItsBuffer: it may be set apart, and lies nowhere when the last of it went as waste.
func TestARejectedLotLeavesItsBuffer(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := s.put("10")
	_, err := s.Holds.RejectLot(s.As(s.Manager), hold.Rejection{LotID: s.LotID(id), Reason: "it smells of diesel", Password: linetest.Password})
	s.must(err)
	_, err = s.Owner.Exec(t.Context(), "INSERT INTO location (id, site_id, code, name, kind) VALUES ($1, $2, 'APART', 'Apart', 'AREA')", linetest.NewID(), s.Site.ID)
	s.must(err)
	_, err = location.NewService(s.Commands).Move(s.As(s.Operator), location.Move{LotIDs: []relay.ID{s.LotID(id)}, LocationCode: "APART"})
	s.must(err)
	s.Make("WASTE", "4", s.Of(id, "4"))
	if s.Lot(id).LocationID == nil {
		t.Error("6 kg of it are there")
	}
	s.Make("WASTE", "6", s.Of(id, ""))
	if got := s.Lot(id); got.LocationID != nil || got.Status != db.LotStatusREJECTED {
		t.Errorf("%s, it lies at %v", got.Status, got.LocationID)
	}
}
