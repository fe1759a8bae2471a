package graph

import (
	"context"

	"flowviz/graph/generated"
	"flowviz/graph/loader"
	"flowviz/graph/model"
	"flowviz/internal/alert"
	"flowviz/internal/deviation"
	"flowviz/internal/identity"
	"flowviz/internal/lot"
	"flowviz/internal/qc"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
	"flowviz/internal/site"
)

func (r *lotTypeCountResolver) LotType(ctx context.Context, obj *run.LotTypeCount) (*scenario.LotType, error) {
	return loader.From(ctx).LotType.Load(ctx, obj.LotTypeID)
}

func (r *mutationResolver) StartRun(ctx context.Context, input run.Start) (*model.StartRunPayload, error) {
	id, err := r.Runs.Start(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.StartRunPayload{Run: found}, err
}

func (r *mutationResolver) AdvancePhase(ctx context.Context, input run.Ending) (*model.AdvancePhasePayload, error) {
	advanced, err := r.Runs.Advance(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, advanced.ID)
	if err != nil {
		return nil, err
	}
	lots, err := changedAll(ctx, loader.From(ctx).Lot, advanced.Lots)
	return &model.AdvancePhasePayload{Run: found, Lots: lots}, err
}

func (r *mutationResolver) HoldRun(ctx context.Context, input run.Change) (*model.HoldRunPayload, error) {
	id, err := r.Runs.Hold(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.HoldRunPayload{Run: found}, err
}

func (r *mutationResolver) ResumeRun(ctx context.Context, input run.Change) (*model.ResumeRunPayload, error) {
	id, err := r.Runs.Resume(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.ResumeRunPayload{Run: found}, err
}

func (r *mutationResolver) AbortRun(ctx context.Context, input run.Change) (*model.AbortRunPayload, error) {
	id, err := r.Runs.Abort(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.AbortRunPayload{Run: found}, err
}

func (r *mutationResolver) CompleteRun(ctx context.Context, input run.Ending) (*model.CompleteRunPayload, error) {
	id, err := r.Runs.Complete(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.CompleteRunPayload{Run: found}, err
}

func (r *mutationResolver) ArchiveRun(ctx context.Context, input run.Ending) (*model.ArchiveRunPayload, error) {
	id, err := r.Runs.Archive(ctx, input)
	if err != nil {
		return nil, err
	}
	found, err := changed(ctx, loader.From(ctx).Run, id)
	return &model.ArchiveRunPayload{Run: found}, err
}

func (r *queryResolver) Runs(ctx context.Context, filter *run.Filter, first *int32, after *relay.Cursor, last *int32, before *relay.Cursor) (*relay.Connection[*run.Run], error) {
	return loader.FindersFrom(ctx).Run.Page(ctx, filter, relay.PageArgs{First: first, After: after, Last: last, Before: before})
}

func (r *queryResolver) Run(ctx context.Context, code string) (*run.Run, error) {
	return loader.FindersFrom(ctx).Run.ByCode(ctx, code)
}

func (r *runResolver) Site(ctx context.Context, obj *run.Run) (*site.Site, error) {
	return loader.From(ctx).Site.Load(ctx, obj.SiteID)
}

func (r *runResolver) Scenario(ctx context.Context, obj *run.Run) (*scenario.Scenario, error) {
	return loader.From(ctx).Scenario.Load(ctx, obj.ScenarioID)
}

func (r *runResolver) Phase(ctx context.Context, obj *run.Run) (*scenario.Phase, error) {
	return loader.From(ctx).Phase.Load(ctx, obj.PhaseID)
}

func (r *runResolver) Operator(ctx context.Context, obj *run.Run) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.OperatorID)
}

func (r *runResolver) Lots(ctx context.Context, obj *run.Run, filter *lot.Filter, first *int32, after *relay.Cursor) (*relay.Connection[*lot.Lot], error) {
	l := loader.From(ctx)
	return filtered(ctx, l.LotsByRun, l.LotCountsByRun, obj.ID, relay.Lot, filter, relay.PageArgs{First: first, After: after}, lot.Key)
}

func (r *runResolver) Decisions(ctx context.Context, obj *run.Run, first *int32, after *relay.Cursor) (*relay.Connection[*qc.Decision], error) {
	l := loader.From(ctx)
	return nested(ctx, l.DecisionsByRun, obj.ID, relay.QcDecision, first, after, qc.Key, func(ctx context.Context) (int64, error) {
		return l.DecisionCountsByRun.Load(ctx, obj.ID)
	})
}

func (r *runResolver) Measurements(ctx context.Context, obj *run.Run, filter *qc.ReadingFilter, first *int32, after *relay.Cursor, last *int32, before *relay.Cursor) (*relay.Connection[*qc.Reading], error) {
	l := loader.From(ctx)
	args := relay.PageArgs{First: first, After: after, Last: last, Before: before}
	return filtered(ctx, l.ReadingsByLine, l.ReadingCountsByLine, obj.ID, relay.Measurement, filter, args, qc.ReadingKey)
}

func (r *runResolver) Deviations(ctx context.Context, obj *run.Run, first *int32, after *relay.Cursor) (*relay.Connection[*deviation.Deviation], error) {
	l := loader.From(ctx)
	return nested(ctx, l.DeviationsByRun, obj.ID, relay.Deviation, first, after, deviation.Key, func(ctx context.Context) (int64, error) {
		return l.DeviationCountsByRun.Load(ctx, obj.ID)
	})
}

func (r *runResolver) Alerts(ctx context.Context, obj *run.Run, first *int32, after *relay.Cursor) (*relay.Connection[*alert.Alert], error) {
	l := loader.From(ctx)
	return nested(ctx, l.AlertsByRun, obj.ID, relay.Alert, first, after, alert.Key, func(ctx context.Context) (int64, error) {
		return l.AlertCountsByRun.Load(ctx, obj.ID)
	})
}

func (r *runResolver) Summary(ctx context.Context, obj *run.Run) (*run.Summary, error) {
	return loader.From(ctx).Summary.Load(ctx, obj)
}

func (r *runResolver) MassBalance(ctx context.Context, obj *run.Run) (*run.MassBalance, error) {
	return loader.From(ctx).MassBalanceOfRun.Load(ctx, obj.ID)
}

func (r *runPhaseResolver) Phase(ctx context.Context, obj *run.Stay) (*scenario.Phase, error) {
	return loader.From(ctx).Phase.Load(ctx, obj.PhaseID)
}

func (r *runPhaseResolver) EnteredBy(ctx context.Context, obj *run.Stay) (*identity.User, error) {
	return optional(ctx, loader.From(ctx).User, obj.EnteredBy)
}

func (r *runSummaryResolver) PhaseNumber(ctx context.Context, obj *run.Summary) (int32, error) {
	phase, err := loader.From(ctx).Phase.Load(ctx, obj.PhaseID)
	if err != nil {
		return 0, err
	}
	return phase.Number, nil
}

func (r *Resolver) LotTypeCount() generated.LotTypeCountResolver { return &lotTypeCountResolver{r} }

func (r *Resolver) Run() generated.RunResolver { return &runResolver{r} }

func (r *Resolver) RunPhase() generated.RunPhaseResolver { return &runPhaseResolver{r} }

func (r *Resolver) RunSummary() generated.RunSummaryResolver { return &runSummaryResolver{r} }

type (
	lotTypeCountResolver struct{ *Resolver }
	runResolver          struct{ *Resolver }
	runPhaseResolver     struct{ *Resolver }
	runSummaryResolver   struct{ *Resolver }
)
