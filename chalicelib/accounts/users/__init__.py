"""People at an employer, who sign in to its pages."""
