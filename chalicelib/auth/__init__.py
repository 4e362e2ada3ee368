"""Who may do what: keys, the door that checks them, opt-outs and their links."""
