"""Whole records: what a story leaves in the table, sends and answers, held as text in `samples/`."""
