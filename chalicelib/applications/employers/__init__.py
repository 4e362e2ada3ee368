"""Employers and their policies."""
