"""Profiles: which column of a file is which field, and how its values are read. `shipped_profiles` has ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from chalicelib.integrations.imports import responses

FieldName = Literal[
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
    "group",
    "application_ref",
    "stage",
    "interview_ref",
    "interview_start",
    "interview_end",
    "duration_minutes",
    "status",
    "decided",
    "told_at",
]
"""The fields that a column may hold. The `…_ref` are ids in the system that `system` names."""
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
INSTANTS = ("sms_consent_at", "interview_start", "interview_end", "told_at")
REFERENCES = ("candidate_ref", "application_ref", "interview_ref")
PERSONAL = frozenset({"name", "first_name", "last_name", "email", "phone"})
Alternatives = Sequence[str | Sequence[str]]
"""Columns of a field: the first that is not empty counts. A list among them is columns that are joined."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read a file.

    `date_format` is "iso" or made of strftime's directives, or a list of such (see `dates`); `timezone` that of times without
    offset; `country` (ISO 3166) that of numbers without a country code; `default_time` the hour of dates without one; `words`
    and `values` translate, by field, by column or anywhere; `fixed` fills empty cells.
    """

    name: str
    columns: Mapping[str, Alternatives] = field(default_factory=dict)
    date_format: str | Sequence[str] | None = None
    timezone: str | None = None
    country: str | None = None
    minutes: int | None = None
    """The length of an interview whose end is not in the file."""
    default_time: str | None = None
    is_time_assumed: bool = False
    """Whether `default_time` is the profile's own and nobody stated it: a time that the row holds elsewhere is asked for then."""
    delimiter: str | None = None
    encoding: str | None = None
    system: str = "import"
    words: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    values: Mapping[str, str | Mapping[str, str | None] | None] = field(default_factory=dict)
    """{"Applied": null} anywhere, or {"decided": {"Applied": null}} for one field or column. null means nothing."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    headings: str | None = None
    """A digest of all column names of the file for which it was saved on the page (see `columns`)."""

    @property
    def formats(self) -> tuple[str, ...]:
        if self.date_format is None:
            return ()
        return (self.date_format,) if isinstance(self.date_format, str) else tuple(self.date_format)

    def overlaid(self, given: Mapping[str, Any]) -> Profile:
        """Return the profile with the settings of one request."""
        fixed = {name: given[name] for name in ("job_title", "stage") if name in given}
        known = {name: value for name, value in given.items() if name in self.__dataclass_fields__}
        if "default_time" in known:
            known["is_time_assumed"] = False
        return replace(self, **known, fixed={**self.fixed, **fixed})

    def translations(self) -> dict[str, dict[str, str | None]]:
        """Return the translations by field or column ("" for anywhere), each by word."""
        found: dict[str, dict[str, str | None]] = {name: dict(words) for name, words in self.words.items()}
        for name, value in self.values.items():
            if isinstance(value, Mapping):
                found.setdefault(name, {}).update(value)
            else:
                found.setdefault("", {})[name] = value
        return found


def columns_of(alternatives: Iterable[str | Sequence[str]]) -> Iterator[str]:
    """Yield the names of all columns."""
    for one in alternatives:
        if isinstance(one, str):
            yield one
        else:
            yield from one


def serialize_profile(profile: Profile, built_in: bool) -> responses.Profile:
    return responses.Profile(
        name=profile.name,
        columns={name: [one if isinstance(one, str) else list(one) for one in some] for name, some in profile.columns.items()},
        date_format=profile.date_format
        if profile.date_format is None or isinstance(profile.date_format, str)
        else [*profile.formats],
        timezone=profile.timezone,
        country=profile.country,
        minutes=profile.minutes,
        default_time=profile.default_time,
        delimiter=profile.delimiter,
        encoding=profile.encoding,
        system=profile.system,
        words={name: dict(words) for name, words in profile.words.items()},
        values={name: dict(one) if isinstance(one, Mapping) else one for name, one in profile.values.items()},
        fixed=dict(profile.fixed),
        built_in=built_in,
    )


def read_profile(stored: Mapping[str, Any]) -> Profile:
    """Read a saved profile; unknown fields are ignored."""
    known = Profile.__dataclass_fields__
    return Profile(**{name: value for name, value in stored.items() if name in known and value is not None})
