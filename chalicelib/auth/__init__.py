"""Who calls and what they may do: API keys, people's sessions, rate limits. No endpoints: those are in `accounts`."""
