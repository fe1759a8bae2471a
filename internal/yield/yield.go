// Package yield tells of transformations out of which came less, or more, than the scenario expects: what came out over what went in, in per cent,
// beyond the band that a gate gives the yield of its lot types. That is an alert and never a refusal: it has happened, and a person has to see it.
package yield

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"flowviz/db"
	"flowviz/internal/alert"
	"flowviz/internal/command"
	"flowviz/internal/qc/evaluation"
	"flowviz/internal/quantity"
	"flowviz/internal/scenario"
	"flowviz/internal/scenario/definition"
)

// Expected reports whether a gate of the lot type says what the yield must be.
func Expected(kind *scenario.LotTypeOf) bool {
	return slices.ContainsFunc(kind.Gates, func(g *scenario.GateOf) bool { return len(limits(g)) > 0 })
}

// limits are those of a gate that are about the yield.
func limits(g *scenario.GateOf) []definition.Limit {
	var of []definition.Limit
	for _, l := range g.Limits {
		if Tells(l) {
			of = append(of, l)
		}
	}
	return of
}

// Tells reports whether a limit is about the yield, so that Check tells of it as soon as it is known.
func Tells(l definition.Limit) bool {
	return slices.ContainsFunc(l.AnyOf, func(group []definition.Condition) bool {
		return slices.ContainsFunc(group, func(k definition.Condition) bool { return k.Derived && k.Parameter == definition.ParameterYield })
	})
}

// Check raises an alert for each transformation that made one of the lots, whose yield is known and beyond its band. It is known when all that went in
// and all that came out was weighed.
func Check(ctx context.Context, tx *command.Tx, library *scenario.Library, lots []uuid.UUID) error {
	rows, err := tx.YieldsOfLots(ctx, lots)
	if err != nil {
		return err
	}
	var beyond []alert.New
	for _, row := range rows {
		version, err := library.Version(ctx, tx.Queries, *row.ScenarioID)
		if err != nil {
			return err
		}
		found, err := judge(row, version.LotTypeByID(row.LotTypeID))
		if err != nil {
			return err
		}
		beyond = append(beyond, found...)
	}
	_, err = alert.Raise(ctx, tx, beyond...)
	return err
}

// judge compares the yield with each band that a gate gives it.
func judge(row db.YieldsOfLotsRow, kind *scenario.LotTypeOf) ([]alert.New, error) {
	percent, err := row.OutKg.MulQuo(quantity.FromInt(100), row.InKg, 2)
	if err != nil {
		return nil, err
	}
	var attributes struct{ Species, State, Category string }
	if err := json.Unmarshal(row.Attributes, &attributes); err != nil {
		return nil, fmt.Errorf("read the attributes of lot %s: %w", row.LotID, err)
	}
	facts := evaluation.Facts{
		Attributes: map[string]string{"species": attributes.Species, "state": attributes.State, "category": attributes.Category},
		Derived:    map[string][]evaluation.Derived{definition.ParameterYield: {{Value: &percent}}},
	}
	var beyond []alert.New
	for _, g := range kind.Gates {
		gate := g.Gate
		gate.Limits, gate.Checklist = limits(g), nil
		result, err := evaluation.Evaluate(evaluation.Input{Gate: gate, Facts: facts})
		if err != nil {
			return nil, err
		}
		for _, f := range result.Findings {
			if f.Status != evaluation.StatusNotMet {
				continue
			}
			beyond = append(beyond, alert.New{
				Site: row.SiteID, Kind: db.AlertKindYIELDOUTOFBAND, Severity: db.AlertSeverityWARNING, Lot: &row.LotID, Run: row.RunID,
				// Several lots of one transformation have one yield.
				Subject: fmt.Sprintf("%s %s %s", row.TransformationID, g.ID, f.Code),
				Message: fmt.Sprintf("%s at gate %s, %s: %s: %s kg came out of %s kg", row.Code, g.Number, g.Name.En, f.Message, row.OutKg, row.InKg),
			})
		}
	}
	return beyond, nil
}
