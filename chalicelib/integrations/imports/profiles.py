"""Profiles: which column of a file is which field. Some are built in, an employer may save others; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.integrations.imports import responses

FIELDS = (
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "timezone",
    "locale",
    "sms_consent_at",
    "sms_consent_source",
    "candidate_ref",
    "job_title",
    "application_ref",
    "stage",
    "interview_start",
    "interview_end",
    "decided",
    "told_at",
)
"""The fields that a column may hold. `candidate_ref` and `application_ref` are ids in the system that `system` names."""
INSTANTS = ("sms_consent_at", "interview_start", "interview_end", "told_at")
Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read a file. Of several columns of a field, the first that is not empty counts.

    `date_format` is "iso", or made of strftime's %Y %y %m %d %b %H %I %p %M %S; `timezone` that of times without offset;
    `country` (ISO 3166) that of numbers without a country code; `words` translates a field's values; `fixed` fills empty cells.
    """

    name: str
    columns: Columns = field(default_factory=dict)
    date_format: str | None = None
    timezone: str | None = None
    country: str | None = None
    minutes: int | None = None
    """The length of an interview whose end is not in the file."""
    system: str = "import"
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)

    def overlaid(self, given: Mapping[str, Any]) -> Profile:
        """Return the profile with the settings of one request."""
        fixed = {name: given[name] for name in ("job_title", "stage") if name in given}
        known = {name: value for name, value in given.items() if name in self.__dataclass_fields__}
        return replace(self, **known, fixed={**self.fixed, **fixed})


BUILT_IN = {
    "heardback": Profile("heardback", {name: (name,) for name in FIELDS}, date_format="iso"),
    "opencats": Profile(
        "opencats",
        {
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
            "email": ("E-Mail", "Email", "E-Mail 1"),
            "phone": ("Cell Phone", "Home Phone", "Work Phone"),
        },
        date_format="%m-%d-%y",
        system="opencats",
    ),
    "applicants": Profile(
        "applicants",
        {
            "name": ("Name", "Full name", "Candidate", "Candidate name", "Applicant", "Applicant name"),
            "first_name": ("First name",),
            "last_name": ("Last name", "Surname"),
            "email": ("Email", "E-mail", "Email address"),
            "phone": ("Mobile", "Mobile phone", "Cell phone", "Phone", "Phone number"),
            "candidate_ref": ("Candidate ID", "Applicant ID"),
            "application_ref": ("Application ID",),
            "job_title": ("Job", "Job title", "Position", "Role", "Vacancy"),
            "stage": ("Stage", "Interview type"),
            "interview_start": ("Interview", "Interview date", "Interview start", "Interviewed at"),
            "interview_end": ("Interview end",),
        },
        words={"stage": {"phone screen": "screen", "screening": "screen", "onsite": "interview", "final interview": "final"}},
        system="applicants",
    ),
}
"""Our own columns, those of OpenCATS, and those of a typical sheet of applicants."""


def serialize_profile(profile: Profile) -> responses.Profile:
    return responses.Profile(
        name=profile.name,
        columns={name: list(columns) for name, columns in profile.columns.items()},
        date_format=profile.date_format,
        timezone=profile.timezone,
        country=profile.country,
        minutes=profile.minutes,
        system=profile.system,
        words={name: dict(words) for name, words in profile.words.items()},
        fixed=dict(profile.fixed),
        built_in=profile.name in BUILT_IN,
    )


def read_profile(stored: Mapping[str, Any]) -> Profile:
    """Read a saved profile; unknown fields are ignored."""
    known = Profile.__dataclass_fields__
    return Profile(**{name: value for name, value in stored.items() if name in known and value is not None})
