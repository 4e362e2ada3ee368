"""The OpenAPI document, made of registered routes, request models and response dataclasses."""
