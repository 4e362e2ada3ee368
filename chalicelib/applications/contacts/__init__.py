"""Contacts and statements over HTTP: what was said to candidates, and what they say."""
