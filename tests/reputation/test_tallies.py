"""The tally as it is read back, recounted and repaired."""
