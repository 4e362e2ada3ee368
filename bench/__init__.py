"""Measures speed, lateness and cost, beside other schedulers: `make bench`. Results: docs/performance.md."""
