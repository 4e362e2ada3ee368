"""Mutation tests: small changes of `chalicelib/rules`, each of which some test must notice."""
