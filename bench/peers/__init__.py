"""The same reminders through other schedulers: same sender, durable storage, eight threads."""
