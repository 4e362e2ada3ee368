"""`/v1/changes`: what changed since a client last looked, by the feed's entries and by the clock."""
