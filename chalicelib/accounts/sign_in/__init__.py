"""Signing in by a link that was mailed: links, sessions, forms and how often one may ask."""
