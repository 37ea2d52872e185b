"""Music made here to learn from, and training: a small model from nothing."""
