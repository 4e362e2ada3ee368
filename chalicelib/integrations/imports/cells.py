"""Reads cells of text, names, statuses and decisions. Messages say what was found and show an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from chalicelib.api.validators import read_name
from chalicelib.integrations.imports.read_file import CELL_MOST
from chalicelib.integrations.imports.workbook import Cell

STATUSES = ("scheduled", "held", "cancelled", "no_show", "withdrawn", "hired")
"""What a row's status may be: of the interview, or (withdrawn, hired) of the application."""
NOTHING = frozenset({"-", "--", "–", "—", "n/a", "#n/a n/a"})
NOT_KNOWN = frozenset(
    {
        *("none", "null", "nil", "nan", "nat", "tbd", "tba", "tbc", "unknown", "?", "??", "(blank)", "(none)", "(empty)", "k.a."),
        *("not scheduled", "not yet", "not available", "not applicable", "unavailable", "not provided", "to be scheduled"),
        *("to be confirmed", "to be decided", "to be determined", "to be announced", "keine", "keiner", "aucun", "aucune"),
    }
)
"""Words for nothing in cells that hold no name: of people and jobs some are names."""
_ERROR = re.compile(r"#(?:N/A|NV|SPILL!|CALC!|[¡A-ZÄÖÜÉ/0-9_]*[A-ZÄÖÜÉ]{2}[A-ZÄÖÜÉ/0-9_]*[!?])|Err:5\d\d")
_FORMULA = re.compile(r"=\s*[\w(+\-\"']")
_TRUE = frozenset(
    {
        *("true", "yes", "y", "1", "x", "✓", "✔", "☑", "✅", "ja", "oui", "sí", "si", "sì", "sim", "да"),
        *("wahr", "vrai", "verdadero", "vero"),
    }
)
_FALSE = frozenset({"false", "no", "n", "0", "☐", "nein", "nee", "non", "falsch", "faux", "falso", "não", "нет"})
_STATUS_WORDS = {
    "scheduled": "scheduled booked confirmed planned active upcoming accepted rescheduled geplant gebucht bestätigt planifié "
    "confirmé programado programada confirmado confirmada agendado agendada programmato confermato gepland bevestigd",
    "held": "held completed complete done attended finished took_place durchgeführt erledigt stattgefunden effectué terminé "
    "réalisé realizado realizada completado completada concluído concluída svolto completato afgerond voltooid проведено 完了",
    "cancelled": "cancelled canceled declined cancellation abgesagt storniert annulé annulée cancelado cancelada anulado anulada "
    "annullato annullata geannuleerd afgezegd anulowano odwołano отменено キャンセル 取消 已取消 취소",
    "no_show": "no_show noshow no_showed did_not_attend did_not_show did_not_show_up didn't_attend didn't_show absent "
    "nicht_erschienen non_présenté ne_s'est_pas_présenté no_asistió no_se_presentó não_compareceu non_presentato niet_verschenen",
    "withdrawn": "withdrawn withdrew candidate_withdrew zurückgezogen désisté retirado ritirato teruggetrokken",
    "hired": "hired eingestellt embauché contratado contratada assunto aangenomen",
}
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_BY_SOMEBODY = re.compile(
    r"(cancell?ed|declined|withdrawn|abgesagt|storniert|annulée?|cancelad[oa]|geannuleerd)_(?:by|von|durch|par|por|door)_.+"
)
_FLAG_COLUMNS = (
    ("no_show", re.compile(r"no.?show|nicht.erschienen|absent", re.IGNORECASE)),
    ("cancelled", re.compile(r"cancel|abgesagt|annul|storn", re.IGNORECASE)),
    ("withdrawn", re.compile(r"withdr|zurückgezogen|désist", re.IGNORECASE)),
    ("hired", re.compile(r"hired|eingestellt|embauch", re.IGNORECASE)),
    ("held", re.compile(r"held|complete|attended|done", re.IGNORECASE)),
)


def fold(text: str) -> str:
    """Return a text for comparison with words of a profile."""
    return " ".join(text.split()).casefold()


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing of a person: empty, a checkbox that is not ticked, a dash or a failed formula."""
    return isinstance(cell, str) and (not cell or fold(cell) in _FALSE or fold(cell) in NOTHING or _is_error(cell))


def says_nothing(text: str) -> bool:
    """Whether a text stands for a value that is not known, where no name is expected."""
    return fold(text) in NOT_KNOWN


def _is_error(text: str) -> bool:
    return _ERROR.fullmatch(text) is not None


def text_of(cell: Cell) -> str:
    """Return a cell as text. Raises ValueError for a formula, a failed one, and for what is too long."""
    text = cell if isinstance(cell, str) else cell.isoformat(timespec="minutes") if isinstance(cell, time) else cell.isoformat()
    if re.match(r"['’][=+\-@]", text):
        text = text[1:]  # our own spreadsheets write it before what would run as a formula, and people before a number's +
    elif _FORMULA.match(text):
        raise ValueError(f'"{text[:60]}" is a formula and no value: open the sheet in a spreadsheet program and save it again')
    if _is_error(text):
        raise ValueError(f'"{text}" is an error of the spreadsheet and no value: correct its formula')
    if len(text) > CELL_MOST:
        raise ValueError(f"has {len(text)} characters: it must be at most {CELL_MOST} characters")
    return text


def read_text(text: str) -> str:
    """Read one line: white space and line breaks within it are one space each."""
    return read_name(" ".join(text.split()))


def read_person_name(text: str) -> str:
    """Read a name. Raises ValueError for a question mark, and where no letter is."""
    name = read_text(text)
    if name.startswith("?") or not any(char.isalpha() for char in name):
        raise ValueError(f'"{name[:60]}" is no name, like Dana Reyes')
    return name


def read_status(text: str, column: str) -> str | None:
    """Read a status. In a column that is named after one ("Canceled"), yes and no are read too; None is nothing."""
    folded = fold(text)
    flag = next((status for status, names in _FLAG_COLUMNS if names.search(column)), None)
    if flag and folded in _TRUE:
        return flag
    if folded in _FALSE:
        return None
    word = re.sub(r"[\s_-]+", "_", re.sub(r"^interview\s+|[^\w\s'?-]+$|^[^\w\s]+", "", folded).strip())
    status = _STATUS_OF.get(word) or _STATUS_OF.get(match[1] if (match := _BY_SOMEBODY.fullmatch(word)) else "")
    if status is None:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(STATUSES)}; a profile\'s `values` translate others')
    return status


def read_option(options: Sequence[str], text: str, column: str = "") -> str | None:
    """Read one of some words. In a column that is named after one ("Rejected"), yes and no are read too; None is nothing."""
    folded = fold(text)
    if (flag := fold(column)) in options and folded in _TRUE | _FALSE:
        return flag if folded in _TRUE else None
    if folded not in options:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(options)}; a profile\'s `values` translate others')
    return folded
