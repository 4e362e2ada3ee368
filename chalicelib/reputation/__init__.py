"""The risk wing: the tally read back, the score, the call list, the daily snapshots and the page for people."""
