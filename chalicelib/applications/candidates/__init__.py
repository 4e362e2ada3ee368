"""Candidates: created, completed and changed; kept in mind; links to their own page."""
