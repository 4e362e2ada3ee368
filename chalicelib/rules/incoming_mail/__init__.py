"""Reads mails that arrive: their parts under limits, whether a machine wrote them, and what the person wrote themselves."""
