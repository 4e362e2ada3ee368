"""Bugs planted on purpose: a simulator that catches nothing proves nothing."""
