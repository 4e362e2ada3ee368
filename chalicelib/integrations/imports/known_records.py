"""Reads the records that many rows may lead to in a few requests, and again those that were written since."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.applications import unique_keys
from chalicelib.integrations.imports import apply
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Key

Json = dict[str, Any]


class KnownRecords:
    """What the unique keys of rows lead to, and the candidates behind them, as they were read last."""

    def __init__(self, employer_id: str, origin: apply.Origin) -> None:
        self._employer_id, self._origin = employer_id, origin
        self._found: dict[Key, Item] = {}
        self._stale: set[Key] = set()

    def read(self, rows: Sequence[Json]) -> None:
        """Read what these rows may lead to: their keys first, then the candidates and their applications for the job."""
        for keys_of in (self._keys_of, self._people_of):
            wanted = dict.fromkeys(key for row in rows for key in keys_of(row))
            self._read(wanted)

    def of(self, row: Json) -> Mapping[Key, Item]:
        """Return what a row may lead to. The caller may change the candidates: they are copies."""
        for keys_of in (self._keys_of, self._people_of):
            if stale := self._stale.intersection(wanted := keys_of(row)):
                self._read(stale)
        found = {key: self._found[key] for key in self._keys_of(row) if key in self._found}
        return found | {key: copy.deepcopy(self._found[key]) for key in wanted if key in self._found}

    def written(self, some: Iterable[Key]) -> None:
        """Note that these records are not what was read."""
        self._stale.update(some)

    def _read(self, wanted: Iterable[Key]) -> None:
        some = list(wanted)
        read = table.get_many(some) if some else {}
        for key in some:
            self._found.pop(key, None)
        self._found |= read
        self._stale.difference_update(some)

    def _keys_of(self, row: Json) -> list[Key]:
        return apply.row_keys(row, self._origin, self._employer_id)

    def _people_of(self, row: Json) -> list[Key]:
        """List the candidates that the keys of a row lead to, and what leads to their applications for its job."""
        person, found = apply.candidate_input(row, self._origin), list[Key]()
        ids = [one for key in person.keys(self._employer_id) for one in unique_keys.record_ids(self._found.get(key))]
        for one in dict.fromkeys(ids):
            found.append((keys.candidate_pk(self._employer_id, one), "CAND"))
            if "job_title" in row:
                found += unique_keys.job_keys(self._employer_id, one, row["job_title"])
        return found
