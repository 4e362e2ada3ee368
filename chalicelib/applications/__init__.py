"""The records wing: employers, candidates, applications, interviews, contacts, statements; every write one transaction."""
