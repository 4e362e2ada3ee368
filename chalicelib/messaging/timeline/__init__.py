"""Everything that happened to one application, newest first: `entries.py` builds it from one read of its partition."""
