"""Check-in cards: candidates leave their own details after an interview, where no hiring system knows of it."""
