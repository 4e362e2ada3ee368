"""Packages, checks and deploys the app, to AWS or to a local engine: `make deploy`, `make smoke` and others."""
