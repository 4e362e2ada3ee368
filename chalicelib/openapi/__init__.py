"""What the API promises: the OpenAPI document, made from the models that validate and the routes that are registered."""
