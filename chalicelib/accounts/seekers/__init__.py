"""Job seekers: signing up, their number, and what they can ask of us about themselves."""
