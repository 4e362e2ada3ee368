"""Pages for people: HTML from templates, forms, static files."""
