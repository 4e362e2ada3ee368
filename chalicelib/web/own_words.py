"""Renders a job seeker's pages in their language."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.seekers import tenant
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict
from chalicelib.rules.copy.language import Catalogue, catalogue, language_accepted, mark
from chalicelib.rules.model import Stage
from chalicelib.web import candidate_words, page_support

STAGES: dict[Stage, str] = {
    "screen": mark("Screening call"),
    "interview": mark("Interview"),
    "final": mark("Final interview"),
}
COMPANY, JOB = mark("the company"), mark("the job")
FAULTS = {
    "company": mark("Enter the company."),
    "job_title": mark("Enter the job title."),
    "start": mark("Enter a date and a time that your clocks show."),
    "contact": mark("Check the number and the address."),
    "name": mark("Enter your name."),
    "email": mark("Check the email address."),
    "timezone": mark("Choose a time zone from the list."),
}
"""What is wrong with a field, in languages in which the API does not tell it more exactly."""


CONFLICTS = {
    "interview_conflict": mark("This interview is on your list already, with another time."),
    "too_many_interviews": mark("Your list is full. Delete interviews that are over."),
    "interview_not_begun": mark("This interview has not begun: there is nothing to note yet."),
    "too_many_outcomes": mark("You cannot note more about this job."),
}
NOT_SAVED = mark("This could not be saved. Reload the page and try again.")
NO_FILE = mark("Choose a calendar file.")
TOO_LARGE = mark("The calendar file is too large: 1 MB at most.")
UNREADABLE = mark("The calendar file cannot be read. Export a shorter time as .ics, and try again.")


def conflict(said: Catalogue, error: Conflict) -> str:
    """Return why something was not saved: in English as the API tells it, else by its code."""
    return error.detail if said.language == "en" else said.text(CONFLICTS.get(error.code or "", NOT_SAVED))


def of(visitor: Visitor) -> Catalogue:
    """Return the words of the seeker who is signed in."""
    return catalogue(tenant.language(visitor.employer_item))


def asked_for(request: Request) -> Catalogue:
    """Return the words of somebody who is not signed in, in the language that their browser asks for."""
    return catalogue(language_accepted(request.headers.get("accept-language", "")))


def page(template: str, request: Request, visitor: Visitor | None, said: Catalogue, status: int = 200, **values: Any) -> Response:
    """Render a page, with what it says things by."""
    return page_support.page(template, request, visitor, status, in_words=said, **words(said, request.now), **values)


def words(said: Catalogue, now: datetime | None = None) -> dict[str, Any]:
    """Return what the templates say things by."""
    return {
        "say": said.say,
        "say_html": partial(candidate_words.say_html, said),
        "address": said.address,
        "said_moment": partial(said.moment, now=now),
        "said_day": partial(said.short_day, now=now),
    }


def labels(said: Catalogue, fields: dict[str, str]) -> dict[str, str]:
    """Return the labels of a form's fields."""
    return {name: said.text(label) for name, label in fields.items()}


def problems(said: Catalogue, found: dict[str, str]) -> dict[str, str]:
    """Return what is wrong, by field: in English as the API tells it, else in short."""
    if said.language == "en":
        return found
    return {name: said.text(FAULTS[name]) if name in FAULTS else message for name, message in found.items()}
