"""Links of a job seeker's application with an employer's that is the same one (docs/seekers.md)."""
