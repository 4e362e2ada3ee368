"""Connections to other systems: ATS events (ats/), files (imports/), and webhooks that tell others (webhooks/)."""
