"""Settles what rows of one file say against each other, so that the same file again changes nothing.

Rows are about one person where they have an id in common, or an address with a compatible name.

* Of a person's field with several values, none is written over a known one: which is right is not guessed. So it is with
  the job title of one application.
* Of an application the decision of the latest interview counts, and of an interview the last row: a log has a row for each step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.rules.canonical import canonical_email, canonical_name, canonical_phone, compatible_names

FIELDS = ("name", "email", "phone", "phone_extension", "timezone", "locale")
_OF_INTERVIEW = ("interview_start", "interview_end", "stage", "status")
_IDS = ("candidate_ref", "application_ref", "interview_ref", "row_ref")
_NAMES_MOST = 100
"""Different names at one address that are all compared with each other. Beyond, one word in common is enough."""
Json = dict[str, Any]
_Key = tuple[str, str]


def settle(rows: Sequence[Json]) -> None:
    """Set `unsure` of rows to the fields for which the file has several values of their person; let later rows supersede."""
    groups = _Groups()
    for row in rows:
        groups.join(*_ids_of(row))
    for pairs in _same_people(rows):
        groups.join(*pairs)
    of_person: dict[_Key, list[Json]] = defaultdict(list)
    for row in rows:
        of_person[groups.of(_ids_of(row)[0])].append(row)
    for some in of_person.values():
        if len(some) > 1:
            _mark_unsure(some)
            _mark_titles(some)
            _supersede(some)


def _mark_unsure(rows: Sequence[Json]) -> None:
    unsure = [name for name in FIELDS if len({_compared(name, row[name]) for row in rows if name in row}) > 1]
    for row in rows:
        if named := [name for name in unsure if name in row]:
            row["unsure"] = named


def _mark_titles(rows: Sequence[Json]) -> None:
    """Add the job title to `unsure` of a person's rows that write one application's, or one instant's, in several ways."""
    titled: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for row in [row for row in rows if "job_title" in row]:
        titled["job_title", canonical_name(row["job_title"])].append(row)
        for name in ("application_ref", "interview_ref", "interview_start"):
            if name in row:
                titled[name, row[name]].append(row)
    for some in titled.values():
        if len({row["job_title"] for row in some}) > 1:
            for row in some:
                row["unsure"] = list(dict.fromkeys([*row.get("unsure", ()), "job_title"]))


def _supersede(rows: Sequence[Json]) -> None:
    """Give all rows of an interview what its last row says, and leave an application's decision to its latest row."""
    interviews: dict[Any, list[Json]] = defaultdict(list)
    applications: dict[Any, list[Json]] = defaultdict(list)
    for row in rows:
        application = row.get("application_ref") or canonical_name(row.get("job_title", ""))
        interview = row.get("interview_ref") or row.get("interview_start")
        if interview:
            interviews[application, interview].append(row)
        if row.get("decided") and "told_at" not in row:
            applications[application].append(row)
    for some in interviews.values():
        for name in _OF_INTERVIEW:
            last = next((row[name] for row in reversed(some) if name in row), None)
            for row in some:
                if name in row:
                    row[name] = last
    for some in applications.values():
        latest = max(some, key=lambda row: (row.get("interview_start", ""), row["line"]))
        for row in some:
            if row is not latest:
                del row["decided"]


def _ids_of(row: Json) -> list[_Key]:
    found: list[_Key] = [(name, row[name]) for name in _IDS if name in row]
    return found or [("line", str(row["line"]))]


def _compared(name: str, value: str) -> str:
    return canonical_email(value) if name == "email" else canonical_phone(value) if name == "phone" else value


def _same_people(rows: Sequence[Json]) -> Iterator[tuple[_Key, _Key]]:
    """Yield ids of rows that share an address and may have the same name, and do not have different ids of the person."""
    sharing: dict[_Key, dict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for name in ("email", "phone"):
            if name in row:
                sharing[name, _compared(name, row[name])][canonical_name(row.get("name", ""))].append(row)
    for by_name in sharing.values():
        for some in _compatible(by_name):
            first: dict[str, Json] = {}
            for row in some:
                other = first.setdefault(row.get("candidate_ref", ""), row)
                yield _ids_of(other)[0], _ids_of(row)[0]
            nameless = first.pop("", None)
            if nameless is not None and len(first) == 1:
                yield _ids_of(nameless)[0], _ids_of(next(iter(first.values())))[0]


def _compatible(by_name: dict[str, list[Json]]) -> Iterator[list[Json]]:
    """Yield rows whose names may be one person's."""
    names = list(by_name)
    yield from by_name.values()
    if len(names) <= _NAMES_MOST:
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                if not one or not other or compatible_names(one, other):
                    yield [*by_name[one], *by_name[other]]
        return
    by_word: dict[str, list[Json]] = defaultdict(list)
    for name, some in by_name.items():
        for word in name.split() or [""]:
            by_word[word] += some
    yield from by_word.values()


class _Groups:
    """Disjoint sets of ids."""

    def __init__(self) -> None:
        self._parent: dict[_Key, _Key] = {}

    def of(self, key: _Key) -> _Key:
        root = key
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while key != root:
            self._parent[key], key = root, self._parent.get(key, key)
        return root

    def join(self, first: _Key, *others: _Key) -> None:
        for one in others:
            self._parent[self.of(one)] = self.of(first)
