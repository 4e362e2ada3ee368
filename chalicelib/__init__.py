"""Heardback's wings: see docs/architecture.md for which may import which."""
