"""Exports and erasure of personal data, and the retention rule."""
