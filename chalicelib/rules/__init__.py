"""The rules, pure: standard library and zoneinfo only; no AWS, no HTTP, no clock, no I/O. Now is always an argument."""
