package lot

import "flowviz/internal/command"

// Service changes lots that are there. They come into being, are used and leave by transformations.
type Service struct{ commands *command.Executor }

// NewService changes lots by commands.
func NewService(commands *command.Executor) *Service { return &Service{commands} }
