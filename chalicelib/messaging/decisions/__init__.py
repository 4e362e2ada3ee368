"""Asks the person who decides, once a wait, whether there is a decision: by a mail whose links open a page with a button."""
