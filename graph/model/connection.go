package model

import (
	"flowviz/internal/alert"
	"flowviz/internal/audit"
	"flowviz/internal/deviation"
	"flowviz/internal/equipment"
	"flowviz/internal/identity"
	"flowviz/internal/location"
	"flowviz/internal/lot"
	"flowviz/internal/partner"
	"flowviz/internal/product"
	"flowviz/internal/qc"
	"flowviz/internal/recall"
	"flowviz/internal/relay"
	"flowviz/internal/run"
	"flowviz/internal/scenario"
)

// The connections of the schema, under its own names.
type (
	PartnerConnection     = relay.Connection[*partner.Partner]
	PartnerEdge           = relay.Edge[*partner.Partner]
	LocationConnection    = relay.Connection[*location.Location]
	LocationEdge          = relay.Edge[*location.Location]
	EquipmentConnection   = relay.Connection[*equipment.Equipment]
	EquipmentEdge         = relay.Edge[*equipment.Equipment]
	ProductConnection     = relay.Connection[*product.Product]
	ProductEdge           = relay.Edge[*product.Product]
	ScenarioConnection    = relay.Connection[*scenario.Scenario]
	ScenarioEdge          = relay.Edge[*scenario.Scenario]
	RunConnection         = relay.Connection[*run.Run]
	RunEdge               = relay.Edge[*run.Run]
	LotConnection         = relay.Connection[*lot.Lot]
	LotEdge               = relay.Edge[*lot.Lot]
	QcDecisionConnection  = relay.Connection[*qc.Decision]
	QcDecisionEdge        = relay.Edge[*qc.Decision]
	MeasurementConnection = relay.Connection[*qc.Reading]
	MeasurementEdge       = relay.Edge[*qc.Reading]
	DeviationConnection   = relay.Connection[*deviation.Deviation]
	DeviationEdge         = relay.Edge[*deviation.Deviation]
	RecallConnection      = relay.Connection[*recall.Recall]
	RecallEdge            = relay.Edge[*recall.Recall]
	AlertConnection       = relay.Connection[*alert.Alert]
	AlertEdge             = relay.Edge[*alert.Alert]
	UserConnection        = relay.Connection[*identity.User]
	UserEdge              = relay.Edge[*identity.User]
	APITokenConnection    = relay.Connection[*identity.APIToken]
	APITokenEdge          = relay.Edge[*identity.APIToken]
	AuditEventConnection  = relay.Connection[*audit.Event]
	AuditEventEdge        = relay.Edge[*audit.Event]
)

// Node is anything with a global id.
type Node interface {
	GlobalID() relay.ID
	IsNode()
}
