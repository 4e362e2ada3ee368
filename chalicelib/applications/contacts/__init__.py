"""Contacts (what was said to a candidate) and statements (what the candidate says)."""
