"""Writes down what a story left: stored items, messages and responses, with ids, secrets and links replaced by stable names.

Ids and secrets are random, so each becomes its kind and a number: `app-2` is the same application wherever it stands. Records are
put in order by what else they hold, and numbers are given from the top. What is stored under the machine's clock loses it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_ID = re.compile(r"(?<![a-z])([a-z]{2,6})_[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Z])")
_TAIL = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{16}\b")
_LINK = re.compile(r"(?<=[a-z]/)[\w-]{30,}(?:\.[\w-]+)*")
_HEX = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{10,}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_PLACE = re.compile(r"c\d+")
_CODE = re.compile(r"(?<![\w+.-])\d{6}(?![\w.-])")
_SECRET = re.compile(r"\b[A-Za-z0-9_+/-]{43,}={0,2}")
_UNNAMED = ("LIMIT", "FEED")
"""Kinds whose keys hold hashes of random ids, or the machine's time."""
_KINDS = (
    (_UUID, "uuid"),
    (_ID, ""),
    (_TAIL, "tail"),
    (_LINK, "link"),
    (_HEX, "hex"),
    (_SECRET, "secret"),
    (_CODE, "code"),
)


class Record:
    """Grows section by section. `text` is the whole, in which ids, secrets and links have names."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._names = _Names()
        self._known: dict[tuple[str, str], dict[str, str]] = {}

    def stored(self, items: Iterable[dict[str, Any]]) -> None:
        """Adds what has changed of items, in DynamoDB's form, since the last time: new ones whole, of others the difference."""
        known, self._known = self._known, {(one["PK"]["S"], one["SK"]["S"]): dict(_lines(_plain(one), "")) for one in items}
        changed = [key for key in known.keys() | self._known.keys() if known.get(key) != self._known.get(key)]
        blocks = {key: _difference(key, known.get(key, {}), self._known.get(key, {})) for key in changed}
        self._add("stored", self._names.in_order(block for key, block in blocks.items() if not _is_feed(key)))
        feed = [self._with_rows_in_order(block) for key, block in blocks.items() if _is_feed(key)]
        self._blocks += map(self._names.rename, self._names.in_order(feed))

    def sent(self, entries: Iterable[dict[str, Any]]) -> None:
        """Adds entries of the outbox. The HTML says what the text says: `tests/rules/samples` holds it."""
        shown = [{name: value for name, value in one.items() if name not in ("html", "to", "channel")} for one in entries]
        titles = [f"-- {one['channel']} to {one['to']}" for one in entries]
        blocks = [_block(title, one) for title, one in zip(titles, shown, strict=True)]
        self._add("sent", self._names.in_order(blocks))

    def answered(self, title: str, answer: Any) -> None:
        """Adds the body of a response. Rows of a list are put in order: of one instant their ids decide, which are random."""
        rows = answer.pop("data") if isinstance(answer, dict) and isinstance(answer.get("data"), list) else []
        self._add(title, [_text(dict(_lines(answer, ""))), *self._names.in_order(_block("--", row) for row in rows)])

    @property
    def text(self) -> str:
        return "\n".join(self._blocks) + "\n"

    def _with_rows_in_order(self, block: str) -> str:
        """Which of two messages of one moment comes first in a row of the feed follows from random ids."""
        lines = block.splitlines()
        rows = [line.partition(" = ")[2] for line in lines if line.startswith("rows[")]
        return "\n".join([*(line for line in lines if not line.startswith("rows[")), *sorted(rows, key=self._names.known)])

    def _add(self, title: str, blocks: list[str]) -> None:
        self._blocks += [self._names.rename(block) for block in (f"==== {title}", *(blocks or ["(none)"]))]


def _difference(key: tuple[str, str], before: dict[str, str], after: dict[str, str]) -> str:
    """The attributes that are new or other, and the names of those that are gone."""
    change = "gone" if not after else "changed" if before else "new"
    shown = _kind(key[1]) if _kind(key[1]) in _UNNAMED else " ".join(key)
    lines = [f"-- {change}: {shown}"]
    hidden = ("PK", "SK", "due_shard")  # a shard follows from a random id
    told = {name: value for name, value in after.items() if before.get(name) != value and name not in hidden}
    lines += [_text(told)] if told else []
    lines += [f"{name} is gone" for name in sorted(before.keys() - after.keys()) if after]
    return "\n".join(lines)


def _block(title: str, values: dict[str, Any]) -> str:
    return "\n".join([title, _text(dict(_lines(values, "")))])


def _text(lines: dict[str, str]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in lines.items())


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """The item with plain values. What is JSON inside a text is read, so that a change of one field is one line.

    Attributes that are named after a hash of a random id (`c0` to `c31`) are counted. Rows of the feed have whole ids.
    """
    placed = [name for name in item if _PLACE.fullmatch(name)]
    plain = {name: _value(*next(iter(typed.items()))) for name, typed in item.items() if name not in placed}
    if _is_feed((item["PK"]["S"], item["SK"]["S"])):
        plain["rows"] = [" ".join(map(str, _with_whole_id(row))) for row in plain["rows"]]
    return {**plain, "c0 to c31": f"{len(placed)} cases"} if placed else plain


def _is_feed(key: tuple[str, str]) -> bool:
    return _kind(key[1]) == "FEED"


def _kind(sk: str) -> str:
    return sk.partition("#")[0]


def _with_whole_id(row: list[Any]) -> list[Any]:
    """A row of the feed with the tail that its id shares with the application's."""
    short = len(row) > 2 and len(row[1].partition("_")[2]) < 26
    return [row[0], row[1] + row[2][-16:], *row[2:]] if short else row


def _value(kind: str, value: Any) -> Any:
    if kind == "S" and value[:1] in "[{" and value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    if kind == "N":
        return json.loads(value)
    if kind == "B":
        return "(bytes)"
    return True if kind == "NULL" else value


def _lines(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """The path of each value and the value."""
    if isinstance(value, dict) and value:
        for name in sorted(value):
            yield from _lines(value[name], f"{at}.{name}" if at else str(name))
    elif isinstance(value, list | tuple) and value:
        for place, one in enumerate(value):
            yield from _lines(one, f"{at}[{place}]")
    elif isinstance(value, str) and "\n" in value:
        yield at, "".join(f"\n    {line}".rstrip(" ") for line in value.splitlines())
    else:
        yield at, value if isinstance(value, str) else json.dumps(value, default=str)


class _Names:
    """The names of what is random: its kind and a number, in the order of its first appearance."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def rename(self, text: str) -> str:
        return _replaced(text, self._name)

    def known(self, text: str) -> str:
        """The text with the names given so far; what has none yet is shown by its kind."""
        return _replaced(text, lambda found, kind: self._names.get(found, f"{kind}-?"))

    def in_order(self, blocks: Iterable[str]) -> list[str]:
        """Orders blocks by what they hold beside ids; those that differ by ids alone, by the names that others gave these."""
        alike: dict[str, list[str]] = {}
        for block in blocks:
            alike.setdefault(_replaced(block, lambda _, kind: kind), []).append(block)
        for shape in sorted(alike):
            if len(alike[shape]) == 1:
                self.rename(alike[shape][0])
        return [block for shape in sorted(alike) for block in sorted(alike[shape], key=lambda block: (self.known(block), block))]

    def _name(self, found: str, kind: str) -> str:
        if found not in self._names:
            self._counts[kind] += 1
            self._names[found] = f"{kind}-{self._counts[kind]}"
        return self._names[found]


def _replaced(text: str, name: Callable[[str, str], str]) -> str:
    for pattern, kind in _KINDS:
        text = pattern.sub(lambda match, kind=kind: name(match[0], kind or match[1]), text)  # type: ignore[misc]
    return text
