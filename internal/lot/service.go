package lot

import (
	"flowviz/internal/command"
	"flowviz/internal/scenario"
)

// Service changes lots that are there. They come into being, are used and leave by transformations.
type Service struct {
	commands *command.Executor
	library  *scenario.Library
}

// NewService changes lots by commands; library has the scenarios by which they are made.
func NewService(commands *command.Executor, library *scenario.Library) *Service {
	return &Service{commands, library}
}
