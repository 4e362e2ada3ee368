"""What a person and an employer may ask of their data: all of it, or that it be gone."""
