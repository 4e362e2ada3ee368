"""A Python client generated from docs/openapi.json, and the main job done with it: what an integrator would write."""
