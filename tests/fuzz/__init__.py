"""`make fuzz`: Schemathesis against the local stack, all phases and checks; explained.py names every refusal that is right."""
