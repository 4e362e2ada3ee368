"""`make catalogues`: finds what candidates read, updates the `.po` file of each language, and compiles the `.mo` files.

The `.mo` files are committed, so that tests, one machine and the bundle read the same bytes; a test fails where one is stale.
Messages are the literals of `say`, `say_count`, `text` and `mark` in the modules below, and of `say` in the pages' templates.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "chalicelib" / "rules" / "copy" / "locale"
MODULES = (
    *sorted((ROOT / "chalicelib" / "rules" / "copy").glob("*.py")),
    *(
        ROOT / "chalicelib" / name
        for name in (
            "messaging/unsubscribe/page.py",
            "web/candidate_calendar.py",
            "web/candidate_link.py",
            "web/candidate_page.py",
            "web/candidate_words.py",
            "web/check_in_cards_page.py",
            "web/check_in_page.py",
            "web/own_account.py",
            "web/own_history.py",
            "web/own_linking.py",
            "web/own_list.py",
            "web/own_outcomes.py",
            "web/own_words.py",
            "web/sender_pages.py",
        )
    ),
)
_TEMPLATES = ROOT / "chalicelib" / "web" / "templates"
TEMPLATES = (
    *(_TEMPLATES / name for name in ("candidate.html", "check_in.html", "fields.html", "page.html", "said.html")),
    *sorted(_TEMPLATES.glob("own_*.html")),
)
SAY = frozenset({"say", "text", "mark", "say_count", "said_of"})
"""Calls whose first argument is a message; of `say_count` the second is its plural."""
GSM_ONLY, SHORT_ONLY = "mark_gsm", "mark_short"
TRANSLATED = ("es", "fr", "he", "ko")
SHORT = frozenset({"he", "ko"})
"""Languages whose texts hold 70 characters."""
HEADER = (
    "# {name} texts, mails and pages of Heardback for candidates.\n"
    "# Last-Translator tells whether a native speaker reviewed them."
)
_WRITTEN = datetime(2026, 11, 29, tzinfo=UTC)
_NOT_REVIEWED = "not yet reviewed by a native speaker"


def messages(language: str) -> dict[str, str | None]:
    """Return the messages that a language translates, with the plural where there is one, in the order of the source."""
    wanted = SAY | {SHORT_ONLY if language in SHORT else GSM_ONLY}
    found: dict[str, str | None] = {}
    for path in MODULES:
        found.update(_in_python(path, wanted))
    for path in TEMPLATES:
        found.update(_in_template(path))
    return found


def _in_python(path: Path, wanted: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        literals = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in wanted and literals:
            yield literals[0], literals[1] if name == "say_count" else None


def _in_template(path: Path) -> Iterator[tuple[str, None]]:
    options: dict[str, Any] = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with path.open("rb") as file:
        for _, _, message, _ in babel_extract(file, ("say", "say_html"), (), options):
            yield (message[0] if isinstance(message, tuple) else message), None


def path_of(language: str, kind: str = "po") -> Path:
    """Return the file of a language: its source (`po`), or what is read at run time (`mo`)."""
    return LOCALE / language / "LC_MESSAGES" / f"heardback.{kind}"


def read(language: str) -> Catalog:
    """Return the catalogue of a language as it is in its `.po` file; an empty one where there is none."""
    path = path_of(language)
    if not path.exists():
        return Catalog(language, domain="heardback", project="Heardback", last_translator=_NOT_REVIEWED)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="heardback", abort_invalid=True)


def updated(language: str) -> Catalog:
    """Return the catalogue with exactly the messages of the source. A new one has no translation yet."""
    before = read(language)
    after = Catalog(
        language,
        domain="heardback",
        project="Heardback",
        version="1",
        msgid_bugs_address="the issues of the project",
        language_team="none yet",
        last_translator=before.last_translator,
        creation_date=_WRITTEN,
        revision_date=_WRITTEN,
        header_comment=HEADER.format(name=before.locale.english_name),
        fuzzy=False,
    )
    for message, plural in messages(language).items():
        known = before.get(message)
        after.add((message, plural) if plural else message, known.string if known else None, flags=known.flags if known else ())
    return after


def source_of(catalog: Catalog) -> bytes:
    """Return the `.po` file of a catalogue."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, no_location=True, omit_header=False)
    return file.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Return the `.mo` file of a catalogue."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _is_translated(string: str | tuple[str, ...] | None) -> bool:
    return bool(string) and all([string] if isinstance(string, str) else string or ())


def main() -> None:
    """Write all catalogues. Ends the program where a message has no translation."""
    missing = 0
    for language in TRANSLATED:
        catalog = updated(language)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(source_of(catalog))
        path_of(language, "mo").write_bytes(compiled(catalog))
        empty = [one.id for one in catalog if one.id and not _is_translated(one.string)]
        missing += len(empty)
        for message in empty:
            sys.stderr.write(f"{language}: no translation of {message!r}\n")
    if missing:
        sys.exit(f"{missing} translations are missing: write them into {LOCALE.relative_to(ROOT)}/*/LC_MESSAGES/heardback.po")


if __name__ == "__main__":
    main()
