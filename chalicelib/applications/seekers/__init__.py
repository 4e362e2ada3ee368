"""A job seeker's own interviews: the same applications, waits and reminders as an employer's, in a tenant of one person."""
