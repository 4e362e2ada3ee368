"""Public pages that carriers ask for before a number may text: privacy, and the terms of the texts, for each employer."""

from __future__ import annotations

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.employers import service
from chalicelib.auth.employers import employer_of
from chalicelib.config import settings
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import EMPLOYER, catalogue, language_accepted, mark
from chalicelib.web.page_support import demand_id, message

MESSAGES_OF, TERMS_OF = mark("Privacy: reminders of $employer"), mark("Text messages of $employer: terms")
KEPT = mark(
    "$employer uses Heardback so that nobody is left without an answer after a job interview. For that Heardback keeps "
    "your name, your email address or mobile number, the job, the time of the interview, and which messages were sent."
)
DECIDES = mark("$employer decides what is kept and for how long, and can show, correct or erase it: ask $employer.")
NEVER_SOLD = mark(
    "Mobile numbers and consent to texts are not shared with third parties or affiliates for marketing, and are never sold. "
    "They are passed to the companies that deliver the messages, and to nobody else."
)
TEXTS = mark(
    "$employer sends you texts through Heardback after a job interview, where you agreed to it: a reminder to call when "
    "you have heard nothing, or word of when you will hear. At most three texts in seven days."
)
RATES = mark("Message and data rates may apply. Carriers are not liable for delayed or undelivered messages.")
HOW_TO_END = mark("Reply STOP to end the texts, HELP for help. Consent is not a condition of any application or job.")


def privacy(request: Request, employer_id: str) -> Response:
    """Say what is kept about a candidate, and that nothing is sold."""
    return _page(request, employer_id, MESSAGES_OF, KEPT, DECIDES, NEVER_SOLD)


def sms_terms(request: Request, employer_id: str) -> Response:
    """Say what the texts are, how often they come, and how they end."""
    return _page(request, employer_id, TERMS_OF, TEXTS, RATES, HOW_TO_END)


def _page(request: Request, employer_id: str, title: str, *paragraphs: str) -> Response:
    """Render a page in a language that the browser asks for, else in the employer's. It ends with who to ask."""
    employer = employer_of(service.read(demand_id(employer_id, "emp")))
    said = catalogue(language_accepted(request.headers.get("accept-language", ""), employer.policy.language))
    name, support = clean(employer.name, said.text(EMPLOYER)), settings().support_email
    questions = (
        said.say("Questions: $employer, or $support.", employer=name, support=support)
        if support
        else said.say("Questions: ask $employer.", employer=name)
    )
    told = [said.say(one, employer=name) for one in paragraphs]
    return message(request, None, 200, said.say(title, employer=name), *told, questions, in_words=said)
