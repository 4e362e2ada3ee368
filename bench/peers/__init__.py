"""The same reminders through other people's schedulers: the very same sender, durable storage, eight threads."""
