"""How fast, how late and how dear: measured beside the limit and the peers. `make bench`; found: docs/performance.md."""
