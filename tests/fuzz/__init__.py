"""`make fuzz`: Schemathesis against the local stack, all phases and checks. explained.py lists the refusals that are right."""
