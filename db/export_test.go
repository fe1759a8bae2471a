package db

// Queued is how many statements wait for the next batch.
func (s *Snapshot) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}
