"""Managing keys."""
