"""Public pages that carriers ask for before a number may text: privacy, and the terms of the texts, for each employer."""

from __future__ import annotations

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.employers import service
from chalicelib.config import settings
from chalicelib.rules.copy.clean import EMPLOYER, clean
from chalicelib.web.page_support import demand_id, message


def privacy(request: Request, employer_id: str) -> Response:
    """Say what is kept about a candidate, and that nothing is sold."""
    name = _name(employer_id)
    return message(
        request,
        None,
        200,
        f"Privacy: reminders of {name}",
        f"{name} uses Heardback so that nobody is left without an answer after a job interview. For that Heardback keeps "
        "your name, your email address or mobile number, the job, the time of the interview, and which messages were sent.",
        f"{name} decides what is kept and for how long, and can show, correct or erase it: ask {name}.",
        "Mobile numbers and consent to texts are not shared with third parties or affiliates for marketing, and are never sold. "
        "They are passed to the companies that deliver the messages, and to nobody else.",
        *_contact(name),
    )


def sms_terms(request: Request, employer_id: str) -> Response:
    """Say what the texts are, how often they come, and how they end."""
    name = _name(employer_id)
    return message(
        request,
        None,
        200,
        f"Text messages of {name}: terms",
        f"{name} sends you texts through Heardback after a job interview, where you agreed to it: a reminder to call when "
        "you have heard nothing, or word of when you will hear. At most three texts in seven days.",
        "Message and data rates may apply. Carriers are not liable for delayed or undelivered messages.",
        "Reply STOP to end the texts, HELP for help. Consent is not a condition of any application or job.",
        *_contact(name),
    )


def _name(employer_id: str) -> str:
    return clean(service.read(demand_id(employer_id, "emp")).name, EMPLOYER)


def _contact(name: str) -> list[str]:
    """The end of both pages: who to ask."""
    support = settings().support_email
    return [f"Questions: {name}, or {support}." if support else f"Questions: ask {name}."]
