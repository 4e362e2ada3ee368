"""Interviews over HTTP: posted, moved, cancelled, not turned up to."""
