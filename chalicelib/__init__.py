"""Heardback: see docs/architecture.md for the packages and which may import which."""

__version__ = "0.1.0"
