"""Reads the records that many rows may lead to, cases included, and again those that were written since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.applications.aggregate import ApplicationCase
from chalicelib.applications.candidates.items import CandidateItem, JobItem
from chalicelib.integrations.imports import apply, job_titles
from chalicelib.storage import keys, table
from chalicelib.storage.base_item import copy_of
from chalicelib.storage.table import Item, Key

CASES_MOST = 400
"""Cases that are read ahead. Others are read one by one."""
_OF_CASE = ("app_", "int_")
Json = dict[str, Any]


@lru_cache(maxsize=4)
def _partitions(some: frozenset[Key]) -> frozenset[str]:
    """The partitions of the keys of one transaction, which many rows are compared with."""
    return frozenset(pk for pk, _ in some)


class KnownRecords:
    """What the unique keys of rows lead to, and the candidates behind them, as they were read last."""

    def __init__(self, employer_id: str, origin: apply.Origin) -> None:
        self._employer_id, self._origin = employer_id, origin
        self._found: dict[Key, Item] = {}
        self._cases: dict[str, list[dict[str, Any]]] = {}
        """Raw items of known cases, by partition."""
        self._stale: set[Key] = set()
        self._keys: dict[int, list[Key]] = {}
        """The unique keys of rows, by line."""
        self._person_keys: dict[int, list[Key]] = {}
        """Those of their candidates alone."""

    def read(self, rows: Sequence[Json]) -> None:
        """Read what these rows may lead to: their keys first, then the candidates and their applications for the job."""
        for keys_of in (self.keys_of, self._people_of):
            wanted = dict.fromkeys(key for row in rows for key in keys_of(row))
            self._read(wanted)
        self._cases = table.query_many(list(dict.fromkeys(pk for row in rows for pk in self._cases_of(row)))[:CASES_MOST])

    def case(self, employer_id: str, any_case_id: str) -> ApplicationCase | None:
        """Return a case, which the caller may change: as it was read ahead, else read now."""
        raws = self._cases.get(keys.case_pk(employer_id, any_case_id))
        if not raws:
            return ApplicationCase.read(employer_id, any_case_id)
        return ApplicationCase.of([item for raw in raws if (item := table.from_raw(raw))])

    def of(self, row: Json) -> Mapping[Key, Item]:
        """Return what a row may lead to. The caller may change the candidates: they are copies."""
        for keys_of in (self.keys_of, self._people_of):
            if (wanted := keys_of(row)) and self._stale and (stale := self._stale.intersection(wanted)):
                self._read(stale)
        found = {key: self._found[key] for key in self.keys_of(row) if key in self._found}
        return found | {key: copy_of(self._found[key]) for key in wanted if key in self._found}

    def is_about(self, row: Json, some: frozenset[Key]) -> bool:
        """Whether a row is about any of these records, or about something that is stored beside one."""
        if not some.isdisjoint(self.keys_of(row)):
            return True
        beside = _partitions(some)
        return not (beside.isdisjoint([pk for pk, _ in self._people_of(row)]) and beside.isdisjoint(self._cases_of(row)))

    def written(self, some: Iterable[Key]) -> None:
        """Note that these records are not what was read."""
        for key in some:
            self._stale.add(key)
            self._cases.pop(key[0], None)

    def _read(self, wanted: Iterable[Key]) -> None:
        some = list(wanted)
        read = table.get_many(some) if some else {}
        for key in some:
            self._found.pop(key, None)
        self._found |= read
        self._stale.difference_update(some)

    def keys_of(self, row: Json) -> list[Key]:
        if row["line"] not in self._keys:
            self._keys[row["line"]] = apply.row_keys(row, self._origin, self._employer_id)
        return self._keys[row["line"]]

    def _cases_of(self, row: Json) -> Iterator[str]:
        """Yield the partitions of the cases that a row is about, as far as is known before it is applied."""
        if not ("job_title" in row or "application_ref" in row or "interview_ref" in row):
            return
        for key in (*self.keys_of(row), *self._people_of(row)):
            item = self._found.get(key)
            if isinstance(item, JobItem):
                yield keys.case_pk(self._employer_id, item.application_id)
            elif isinstance(item, CandidateItem) and job_titles.names_an_instant(row):
                yield from (keys.case_pk(self._employer_id, one) for one in job_titles.applications_of(item))
            elif key[1] != "CAND":
                yield from (keys.case_pk(self._employer_id, one) for one in unique_keys.record_ids(item) if one[:4] in _OF_CASE)

    def _people_of(self, row: Json) -> list[Key]:
        """List the candidates that the keys of a row lead to, and what leads to their applications for its job."""
        of_person = self._person_keys.get(row["line"])
        if of_person is None:
            of_person = apply.candidate_input(row, self._origin).keys(self._employer_id)
            self._person_keys[row["line"]] = of_person
        leading = [item for key in of_person if (item := self._found.get(key))]
        found, ids = list[Key](), [one for item in leading for one in unique_keys.record_ids(item)]
        for one in dict.fromkeys(ids):
            found.append((keys.candidate_pk(self._employer_id, one), "CAND"))
            if "job_title" in row:
                found += unique_keys.job_keys(self._employer_id, one, row["job_title"])
        return found
