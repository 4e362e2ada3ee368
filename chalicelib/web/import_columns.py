"""The part of the import page that shows a file's columns, and reads what each of them is used as."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.validation import validate
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, Unprocessable
from chalicelib.integrations.imports import columns, service
from chalicelib.integrations.imports.columns import Layout
from chalicelib.integrations.imports.encodings import choices
from chalicelib.integrations.imports.profiles import Profile, serialize_profile
from chalicelib.integrations.imports.read_file import Sheet, is_calendar
from chalicelib.integrations.imports.shipped_profiles import SHIPPED
from chalicelib.integrations.imports.workbook import is_workbook
from chalicelib.web import page_support

COLUMNS_SHOWN, VALUES_SHOWN, LENGTH_SHOWN = 60, 3, 80
USES = {
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Email",
    "phone": "Phone",
    "job_title": "Job title",
    "interview_start": "Interview start: date, time, zone",
    "interview_end": "Interview end",
    "duration_minutes": "Length of the interview",
    "stage": "Stage",
    "status": "Interview status",
    "decided": "Decision",
    "told_at": "Told on",
    "group": "Group",
    "timezone": "Candidate’s time zone",
    "locale": "Candidate’s language",
    "sms_consent_at": "Consent to texts: when",
    "sms_consent_source": "Consent to texts: how",
    "candidate_ref": "Candidate ID",
    "application_ref": "Application ID",
    "interview_ref": "Interview ID",
}
"""What a column can be used as: the fields of a profile, in the words of the page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is shown: cut, and without characters that print nothing or turn the direction of text."""

    at: int
    heading: str
    values: list[str]
    use: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What each column of a file is used as. `was_shown` tells whether the form had the columns of this very file."""

    layout: Layout
    uses: dict[int, str]
    was_shown: bool
    mark: str
    decided: frozenset[int]
    """The columns that were detected or chosen: where one of them is not used, somebody has said so."""

    @property
    def former(self) -> str:
        """The columns as the form sends them back: see `_former_columns`."""
        names = enumerate(self.layout.names[:COLUMNS_SHOWN])
        return ",".join(f"{_digest(name)}{'+' if at in self.decided else ''}" for at, name in names)

    @property
    def shown(self) -> list[Column]:
        return [
            Column(
                at,
                visible(name),
                [visible(one) for one in self.layout.samples(at, VALUES_SHOWN)],
                self.uses.get(at, ""),
            )
            for at, name in enumerate(self.layout.names[:COLUMNS_SHOWN])
        ]

    @property
    def hidden(self) -> int:
        """The number of columns that are not shown."""
        return max(0, len(self.layout.names) - COLUMNS_SHOWN)


def visible(text: str) -> str:
    """Return a cell as one short line in which every character can be seen."""
    cut = text if len(text) <= LENGTH_SHOWN else text[: LENGTH_SHOWN - 1] + "…"
    return "".join(" " if char.isspace() else "�" if unicodedata.category(char)[0] == "C" else char for char in cut)


def read_choice(given: Form, layout: Layout) -> Choice:
    """Read the choice of the form where it is about this file in this layout; else it is what was detected.

    Where only another encoding or sheet was chosen, the choices go with their columns.
    """
    mark = f"{layout.headings}:{given.one('profile')}:{given.one('encoding')}:{layout.sheet.name or ''}"
    former = _former_columns(given)
    uses = dict(layout.uses)
    if was_shown := given.one("columns") == mark:
        decided = {at for at, (_, is_decided) in enumerate(former) if is_decided}
        for at in range(min(len(layout.names), COLUMNS_SHOWN)):
            uses.pop(at, None)
            if use := given.one(f"use_{at}"):
                uses[at] = use
    else:
        kept = _kept_uses(given, layout, former) if former_reading(given)[0] == given.one("profile") else {}
        decided = set(kept)
        taken = {use for use in kept.values() if use not in columns.SEVERAL | columns.JOINED}
        uses = {at: use for at, use in uses.items() if at not in kept and use not in taken}
        uses |= {at: use for at, use in kept.items() if use}
    return Choice(layout, uses, was_shown, mark, frozenset(decided | layout.uses.keys()))


def former_reading(given: Form) -> tuple[str, str, str]:
    """Return the layout, the encoding and the sheet by which the form's columns were read."""
    profile, encoding, sheet = [*given.one("columns").split(":", 3)[1:], "", "", ""][:3]
    return profile, encoding, sheet


def _former_columns(given: Form) -> list[tuple[str, bool]]:
    """Return the form's columns: a digest of the heading, and whether "Not used" was chosen there where it stands."""
    shown = given.one("former").split(",")[:COLUMNS_SHOWN] if given.has("former") else []
    return [(one.removesuffix("+"), one.endswith("+")) for one in shown]


def _kept_uses(given: Form, layout: Layout, former: list[tuple[str, bool]]) -> dict[int, str]:
    """Return the form's choices by the columns of another reading of the same file.

    In another encoding a text has its columns where they were. Of another sheet it is the column with the same heading.
    """
    now = [_digest(name) for name in layout.names[:COLUMNS_SHOWN]]
    before = [digest for digest, _ in former]
    is_text = layout.sheet.name is None and len(now) == len(before)
    kept: dict[int, str] = {}
    for at, (digest, is_decided) in enumerate(former):
        use = given.one(f"use_{at}")
        if not (use or is_decided):
            continue  # nobody has looked at it yet: it is used as detected now
        if is_text or now[at : at + 1] == [digest]:
            kept[at] = use
        elif now.count(digest) == before.count(digest) == 1:
            kept[now.index(digest)] = use
    return kept


def _digest(heading: str) -> str:
    return columns.headings_of([heading])[:8]


def sheets_of(sheet: Sheet) -> dict[str, str]:
    """Return the sheets to choose from, as people see them; none where a file has only one."""
    if not (sheet.name and (sheet.others or sheet.hidden)):
        return {}
    shown = {name: visible(name) for name in (sheet.name, *sheet.others)}
    return {**shown, **{name: f"{visible(name)} (hidden)" for name in sheet.hidden}}


def encodings_of(raw: bytes) -> dict[str, str]:
    """Return the encodings to choose from, each with words of the file as it reads them; none where the bytes say it."""
    if not raw or is_workbook(raw) or is_calendar(raw):
        return {}
    return {name: f"{', '.join(visible(one) for one in samples)} ({name})" for name, samples in choices(raw)}


def profile_of(choice: Choice, given: Form) -> Profile:
    """Return the profile of a choice. Raises Unprocessable with a fault at each column that is wrong."""
    profile, found = columns.choose(choice.layout, choice.uses)
    faults = [FieldError(f"/use_{at}" if at is not None else "/use", message) for at, message in found.items()]
    faults += [FieldError(f"/use_{at}", "Choose one of the uses offered") for at, use in choice.uses.items() if use not in USES]
    uses = set(choice.uses.values())
    has_title = (
        uses & {"job_title", "application_ref", "interview_ref"} or profile.fixed.get("job_title") or given.has("job_title")
    )
    if "interview_start" in uses and not has_title:
        faults.append(FieldError("/job_title", "No column is used as the job title: use one, or enter the job title of all rows"))
    if faults:
        raise Unprocessable(errors=faults)
    return profile


def remembered(profile: Profile, choice: Choice, given: Form, visitor: Visitor) -> Profile:
    """Return the profile under the name that the form gives it. Raises Unprocessable, Forbidden for who is no manager."""
    page_support.managers_only(visitor)
    ascii_only = unicodedata.normalize("NFKD", given.one("remember")).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")[:40].strip("_")
    others = {one.name: one for one in service.saved_profiles(visitor.employer.id) if one.headings != choice.layout.headings}
    if not name:
        message = "Enter a name with letters from a to z or digits"
    elif name in SHIPPED or name in others:
        message = f"A layout is called “{name.replace('_', ' ')}” already: enter another name"
    else:
        return replace(profile, name=name, headings=choice.layout.headings)
    raise Unprocessable(errors=[FieldError("/remember", message)])


def stored(profile: Profile, now: datetime) -> dict[str, Any]:
    """Return a profile as it is saved: what the API takes, and the digest of its headings. Raises Unprocessable."""
    from chalicelib.integrations.imports.schema import ProfileIn  # late: only who saves one needs it

    shown = serialize_profile(profile, False)
    fields = {name: getattr(shown, name) for name in ProfileIn.model_fields if getattr(shown, name) is not None}
    checked = {name: value for name, value in validate(ProfileIn, fields, now).model_dump().items() if value is not None}
    return {"name": profile.name, **checked, "headings": profile.headings}
