package rate

// Keys is how many buckets are kept.
func (l *Limiter) Keys() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.empty)
}
