"""A Python client generated from docs/openapi.json, and the main job done with it, as an integrator would."""
