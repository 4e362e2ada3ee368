"""Interviews: booked, moved, cancelled, marked as no-show."""
