"""Groups operations by tag."""

from __future__ import annotations

from chalicelib.api.route import RouteSpec

TAG_OF_EVENTS = "webhook_events"
"""Of the document's `webhooks` alone: a generator that makes a file a tag would overwrite the file of our own operations."""
TAGS = {
    "employers": "Employers and their policies",
    "keys": "API keys",
    "people": "People who sign in, to the pages or from an app",
    "imports": "Files that are taken in",
    "candidates": "People who were interviewed",
    "applications": "One candidate for one job: the case that follow-up hangs on",
    "interviews": "Conversations, which start the clock",
    "contacts": "Word that was given, and attempts",
    "messages": "Reminders and their fates",
    "changes": "What changed since you last looked",
    "integrations": "Applicant tracking systems",
    "webhooks": "Where events go, and what was sent",
    TAG_OF_EVENTS: "Events, as we send them to your endpoint",
    "risk": "What silence costs, and who to call",
    "law": "Statutory duties to inform",
    "privacy": "Exports and erasure",
    "seekers": "Job seekers and their own interviews",
    "service": "The service itself",
}


def tag_of(spec: RouteSpec) -> str:
    """Return the tag of a route, by its path."""
    if spec.path.startswith(("/v1/seekers", "/v1/my")):
        return "seekers"
    erases = (spec.method, spec.path) == ("DELETE", "/v1/candidates/{candidate_id}")
    if erases or "export" in spec.path or "erasures" in spec.path:
        return "privacy"
    if any(word in spec.path for word in ("duties", "evidence", "postings", "statutes")):
        return "law"
    for name in ("messages", "replies", "contacts", "statements"):
        if spec.path.split("/")[-1] == name or f"/{name}/" in spec.path:
            return {"statements": "contacts", "replies": "messages"}.get(name, name)
    first = spec.path.split("/")[2] if spec.path.startswith("/v1/") else ""
    if "holding_notice" in spec.path or first == "letters":
        return "messages"
    known = {
        "check_in_cards": "interviews",
        "keep_in_mind": "contacts",
        "sessions": "people",
        "sign_in": "people",
        "invitations": "people",
        "me": "people",
        "employer": "employers",
        "call_list": "risk",
        "experience": "risk",
        "call_list.csv": "risk",
        "report_links": "risk",
        "report_shares": "risk",
        "heard_back_rate": "risk",
        "observed_reviews": "risk",
        "import_profiles": "imports",
        "webhook_endpoints": "webhooks",
        "events": "webhooks",
    }
    name = known.get(first, first)
    return name if name in TAGS else "service"
