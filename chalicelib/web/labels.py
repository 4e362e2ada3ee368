"""Labels that pages show for codes of the API."""

from __future__ import annotations

from chalicelib.rules.tally import WeekPart

DECIDED = {"rejected": "Rejected, not told", "advancing": "Moving forward, not told", "offer": "Offer, not told"}
DECISIONS = {"rejected": "Rejected", "advancing": "Moving forward", "offer": "Offer", "pending": "No decision yet"}
OUTCOMES = {"reached": "Reached", "sent": "Sent", "voicemail": "Voicemail", "no_answer": "No answer", "bounced": "Bounced"}
CHANNELS = {
    "call": "Call",
    "email": "Email",
    "sms": "Text",
    "video": "Video call",
    "in_person": "In person",
    "letter": "Letter",
    "portal": "Portal",
}
MESSAGE_STATUSES = {
    "queued": "not sent yet",
    "delivered": "delivered",
    "sending": "being sent",
    "sent": "sent (accepted by the provider)",
    "retrying": "refused, will be tried again",
    "failed": "failed",
    "expired": "not sent: too late",
    "cancelled": "not sent: no longer needed",
    "suppressed": "not sent",
    "unknown": "perhaps sent: the provider did not answer",
}
LOOPS = {
    "idle": "No interview yet",
    "booked": "Interview to come",
    "waiting": "Waiting to hear",
    "answered": "Has heard",
    "closed": "Closed",
}
APPLICATION_STATUSES = {"active": "Application reopened", "withdrawn": "Marked as withdrawn", "closed": "Application closed"}
LETTER_REFUSALS = {
    "already_told": "has been told already",
    "withdrawn": "has withdrawn",
    "closed": "their application is closed",
    "no_email": "has no email address",
    "not_waiting": "is not waiting to hear",
    "decided_otherwise": "another decision is recorded",
    "letter_pending": "another letter is on its way",
    "not_found": "is not on your list",
}
WEEK_PARTS: dict[WeekPart, str] = {"on_time": "On time", "late": "Late", "not_yet": "Not yet", "waiting": "Still waiting"}
"""From the bottom of a bar of the report to its top."""
REPLY_KINDS = {"text": "Text", "email": "Email", "not_yet": "Has not heard", "dispute": "Disputes a logged contact"}
STEPS = {
    "what_next": "what happens next",
    "feedback": "feedback was given",
    "nudge_1": "first reminder",
    "nudge_2": "second reminder",
    "holding_notice": "no decision yet",
    "letter": "letter",
}
"""What a message to a candidate is about."""
