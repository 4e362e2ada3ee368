"""The page behind a check-in card: a candidate leaves name, number or email, and when the interview ended.

Anyone who has the card can open it. It shows the card's job and the employer's name, and says the same no matter who checks in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api import forms, idempotency_record
from chalicelib.api.forms import Form
from chalicelib.api.phone_numbers import dear_to_call
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.api.validators import listed_zones, read_zone
from chalicelib.applications.candidates.items import CardItem
from chalicelib.applications.check_in import cards, service
from chalicelib.auth.employers import EmployerItem, employer_of
from chalicelib.errors import TooManyRequests, Unprocessable
from chalicelib.rules.copy.clean import clean
from chalicelib.rules.copy.language import (
    A_STAGE,
    EMPLOYER,
    JOB,
    NATIVE_NAMES,
    Catalogue,
    catalogue,
    language_accepted,
    language_of,
    mark,
)
from chalicelib.rules.employer import Employer
from chalicelib.signing import BadToken, Expired
from chalicelib.storage import keys, table
from chalicelib.storage.table import stored_instant
from chalicelib.web import candidate_words, page_support
from chalicelib.web.phones import as_written

FIELDS = ("name", "phone", "email", "ended", "timezone", "consent")
CONSENT = mark(
    "I agree that $employer sends me messages about this interview through Heardback, by text or email, at the number or "
    "address above: at most three in seven days. Message and data rates may apply. I can stop them at any time: reply STOP to a "
    "text, or use the link in an email. My application does not depend on this."
)
"""What a candidate agrees to. It is kept with the check-in as it was shown."""
ENDED_WITHIN = timedelta(hours=12)
"""A time later than now is yesterday's where that is not longer ago: after midnight people still say 23:30."""
_CLOSED, _ASK = mark("This card does not work any more"), mark("Please ask the employer for a new one.")
_SCAN_AGAIN = mark("Please scan the code again.")
_FULL, _LATER = mark("Please try again later"), mark("Many people have used this card just now.")
_FAULTS = {
    "name": mark("Enter your name."),
    "phone": mark("Check the number. Write a foreign one with its country code, like +1 202 555 0123."),
    "email": mark("Check the email address."),
    "ended": mark("Enter a time that has passed today, like 14:30."),
    "timezone": mark("Choose a time zone from the list."),
    "consent": mark("Tick the box to agree. Without it nothing is kept."),
}
_NO_ADDRESS = mark("Enter a mobile number or an email address.")


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """What a card's link opens, and in which language."""

    token: str
    employer: Employer
    card: CardItem
    said: Catalogue

    @property
    def employer_name(self) -> str:
        return clean(self.employer.name, self.said.text(EMPLOYER))

    @property
    def path(self) -> str:
        return f"/c/{self.token}?language={self.said.language}"


def show(request: Request, token: str) -> Response:
    """GET /c/{token}"""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    return _thanks(request, opened) if request.query.get("done") == ["yes"] else _page(request, opened, None, {})


def save(request: Request, token: str) -> Response:
    """POST /c/{token}"""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    given = forms.read(request)
    thanks = page_support.see_other(request, f"{opened.path}&done=yes")
    if given.has("website"):  # no person sees this field
        return thanks
    checked, problems = _checked(opened, given, request.now)
    if checked is None:
        return _page(request, opened, given, problems)

    def make() -> Response:
        service.check_in(opened.employer, opened.card, checked, request.network, request.now, committer=request.committer)
        return thanks

    day = checked.ended_at.astimezone(ZoneInfo(given.one("timezone"))).date().isoformat()
    try:
        slot = idempotency_record.form_slot(request, opened.employer.id, opened.card.id, given, day)
        return page_support.pressed_once(slot, make)
    except service.AddressLimit:
        return thanks
    except TooManyRequests as error:
        full = page_support.message(request, None, 429, opened.said.text(_FULL), opened.said.text(_LATER), in_words=opened.said)
        full.headers.update(error.headers)
        return full


def _checked(opened: OpenedCard, given: Form, now: datetime) -> tuple[service.CheckIn | None, dict[str, str]]:
    """Return what the candidate leaves, or None with what is wrong with it, by field."""
    from chalicelib.applications.candidates.schema import CandidateIn  # late: it imports pydantic, 96 ms of a cold start

    said = opened.said
    faults = [name for name in ("name", "consent") if not given.has(name)]
    zone, ended = _ended(given, now)
    faults += [name for name, value in (("timezone", zone), ("ended", ended)) if value is None]
    phone = as_written(given.one("phone"), opened.employer)
    body: dict[str, Any] = {"name": given.one("name"), "email": given.one("email") or None, "phone": phone}
    body |= {"locale": said.language, "timezone": zone}
    if phone:
        body["sms_consent"] = {"given_at": stored_instant(now), "source": f"check-in card {opened.card.id}"}
    person = None
    try:
        person = validate(CandidateIn, body, now).to_input()
    except Unprocessable as error:
        faults += [fault.pointer.split("/")[1] for fault in error.errors]
    if person and person.phone and dear_to_call(person.phone):  # the team would call it, and a stranger may have entered it
        faults.append("phone")
    problems = {name: said.text(_FAULTS[name]) for name in FIELDS if name in faults}
    if not phone and not given.has("email"):
        problems = {name: text for name in FIELDS if (text := said.text(_NO_ADDRESS) if name == "phone" else problems.get(name))}
    if problems or person is None or ended is None:
        return None, problems or {"name": said.text(_FAULTS["name"])}
    return service.CheckIn(person, ended, said.say(CONSENT, employer=opened.employer_name), said.language), {}


def _ended(given: Form, now: datetime) -> tuple[str | None, datetime | None]:
    """Return the time zone and the instant at which the interview ended; None for what cannot be read.

    An empty time is now. A time that is later than now is yesterday's, where that was within 12 hours.
    """
    try:
        zone = read_zone(given.one("timezone"))
    except ValueError:
        return None, now  # one fault is enough
    if not given.has("ended"):
        return zone, now
    try:
        wall = time.fromisoformat(given.one("ended")).replace(tzinfo=None)
    except ValueError:
        return zone, None
    today = now.astimezone(ZoneInfo(zone)).date()
    for day in (today, today - timedelta(days=1)):
        ended = datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)
        if ended <= now and (day == today or now - ended <= ENDED_WITHIN):
            return zone, ended
    return zone, None


def _opened(request: Request, token: str) -> OpenedCard | Response:
    """Return what the link opens, or a page that says why it opens nothing."""
    wished = request.query.get("language", [""])[0][:5]
    accepted = language_of(wished, language_accepted(request.headers.get("accept-language", "")))

    def closed(status: int, title: str, why: str) -> Response:
        words = catalogue(accepted)
        return page_support.message(request, None, status, words.text(title), words.text(why), in_words=words)

    try:
        employer_id, card = cards.opened_by(token, request.now)
    except Expired:
        return closed(410, _CLOSED, _ASK)
    except BadToken:
        return closed(404, candidate_words.NO_LINK, _SCAN_AGAIN)
    item = table.get(keys.employer_pk(employer_id), "EMP")
    if not isinstance(item, EmployerItem) or item.suspended:
        return closed(410, _CLOSED, _ASK)
    employer = employer_of(item)
    browser = language_accepted(request.headers.get("accept-language", ""), employer.policy.language)
    return OpenedCard(token, employer, card, catalogue(language_of(wished, browser)))


def _page(request: Request, opened: OpenedCard, given: Form | None, problems: dict[str, str]) -> Response:
    said, employer = opened.said, opened.employer
    typed = {name: given.one(name) if given is not None else "" for name in FIELDS}
    typed["timezone"] = typed["timezone"] or employer.timezone
    return page_support.page(
        "check_in.html",
        request,
        None,
        422 if problems else 200,
        in_words=said,
        say=said.say,
        say_html=partial(candidate_words.say_html, said),
        employer=employer,
        employer_name=opened.employer_name,
        job_title=clean(opened.card.job_title, said.text(JOB)),
        interview=said.text(A_STAGE[opened.card.stage]),
        consent=said.say(CONSENT, employer=opened.employer_name),
        reminds=employer.policy.candidate_nudge != "off" and employer.policy.max_nudges > 0,
        path=opened.path,
        card_path=f"/c/{opened.token}",
        languages=NATIVE_NAMES,
        zones=sorted({*listed_zones(), typed["timezone"]}),
        guess=given is None,
        typed=typed,
        problems=problems,
    )


def _thanks(request: Request, opened: OpenedCard) -> Response:
    said = opened.said
    return page_support.message(
        request,
        None,
        200,
        said.text("Thank you"),
        said.say("$employer has your details. You can close this page.", employer=opened.employer_name),
        in_words=said,
    )
