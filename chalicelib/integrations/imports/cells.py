"""Reads cells of text, names, statuses and decisions. Messages say what was found and show an example."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import time

from chalicelib.api.validators import NAME_MOST, read_name
from chalicelib.integrations.imports.read_file import CELL_MOST
from chalicelib.integrations.imports.workbook import Cell

STATUSES = ("scheduled", "held", "cancelled", "no_show", "withdrawn", "hired")
"""What a row's status may be: of the interview, or (withdrawn, hired) of the application."""


def _words(text: str) -> frozenset[str]:
    """Return the words and phrases of a list with commas."""
    return frozenset(" ".join(one.split()) for one in text.split(","))


NOTHING = frozenset({"-", "--", "–", "—", "n/a", "#n/a n/a"})
NOT_KNOWN = _words("""
    none, null, nil, nan, nat, tbd, tba, tbc, unknown, ?, ??, (blank), (none), (empty), not scheduled, not yet, not available,
    not applicable, unavailable, not provided, not given, to be scheduled, to be confirmed, to be decided, to be determined,
    to be announced, no phone, no number, no email, no e-mail, k.a., keine, keiner, kein, keine angabe, folgt, aucun, aucune,
    à définir, à confirmer, por definir, por confirmar, ninguno, ninguna, a definir, a confirmar, nenhum, nenhuma,
    da definire, da confermare, nessuno, nessuna, do ustalenia, brak, geen, nog te bepalen, なし, 無し, 未定, 无, 待定, 없음, 미정
""")
"""Words for nothing in cells that hold no name: of people and jobs some are names."""
_ERROR = re.compile(r"#(?:N/A|NV|SPILL!|CALC!|[¡A-ZÄÖÜÉ/0-9_]*[A-ZÄÖÜÉ]{2}[A-ZÄÖÜÉ/0-9_]*[!?])|Err:5\d\d")
_FORMULA = re.compile(r"=\s*[\w(+\-\"']")
_TRUE = _words("""
    true, yes, y, 1, x, ✓, ✔, ☑, ✅, t, ja, j, wahr, oui, vrai, sí, si, verdadero, sim, verdadeiro, sì, vero, tak, prawda, evet,
    да, はい, 是, 예, 네
""")
_FALSE = _words("""
    false, no, n, 0, ☐, f, nein, falsch, nee, non, faux, falso, não, nie, fałsz, hayır, нет, いいえ, 否, 아니오, 아니요
""")
_STATUS_WORDS = {
    "scheduled": """
        scheduled booked confirmed planned active upcoming accepted rescheduled geplant gebucht bestätigt planifié confirmé
        programado programada confirmado confirmada agendado agendada programmato confermato gepland bevestigd zaplanowano
        zaplanowane zaplanowana zaplanowany potwierdzone potwierdzona marcado marcada pianificato fissato ingepland
    """,
    "held": """
        held completed complete done attended finished took_place durchgeführt erledigt stattgefunden effectué terminé réalisé
        realizado realizada completado completada concluído concluída svolto completato afgerond voltooid проведено 完了
        odbyło_się odbyta zakończone zakończona zakończono geführt abgeschlossen passé realizzato feito feita gehouden
    """,
    "cancelled": """
        cancelled canceled declined cancellation abgesagt storniert annulé annulée cancelado cancelada anulado anulada
        annullato annullata geannuleerd afgezegd anulowano odwołano отменено キャンセル 取消 已取消 취소 ausgefallen
        entfallen anulowane anulowany anulowana odwołane odwołana cancellato cancellata disdetto desmarcado desmarcada vervallen
    """,
    "no_show": """
        no_show noshow no_showed did_not_attend did_not_show did_not_show_up didn't_attend didn't_show absent nicht_erschienen
        non_présenté ne_s'est_pas_présenté no_asistió no_se_presentó não_compareceu non_presentato niet_verschenen
        nie_stawił_się nie_stawiła_się nie_przyszedł nie_przyszła nieobecny nieobecna faltou ausente assente niet_gekomen
        afwezig ne_s’est_pas_présenté
    """,
    "withdrawn": """
        withdrawn withdrew candidate_withdrew zurückgezogen désisté retirado ritirato teruggetrokken wycofany wycofana
        zrezygnował zrezygnowała desistiu rinunciato desisté retirada
    """,
    "hired": """
        hired eingestellt embauché contratado contratada assunto aangenomen zatrudniony zatrudniona assunta embauchée
    """,
}
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_BY_SOMEBODY = re.compile(
    r"(cancell?ed|declined|withdrawn|abgesagt|storniert|annulée?|cancelad[oa]|geannuleerd)_(?:by|von|durch|par|por|door)_.+"
)
_WHO = re.compile(r"^(?:interview|invitee|candidate|applicant|kandidat(?:in)?|bewerber(?:in)?|candidat[oae]?)\s+")
"""Before a status: what or who."""
_FLAG_COLUMNS = (
    ("no_show", re.compile(r"no.?show|nicht.erschienen|absent", re.IGNORECASE)),
    ("cancelled", re.compile(r"cancel|abgesagt|annul|storn", re.IGNORECASE)),
    ("withdrawn", re.compile(r"withdr|zurückgezogen|désist", re.IGNORECASE)),
    ("hired", re.compile(r"hired|eingestellt|embauch", re.IGNORECASE)),
    ("held", re.compile(r"held|complete|attended|done", re.IGNORECASE)),
)


_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8});", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|(?:https?://|www\.)\S+", re.IGNORECASE)


def fold(text: str) -> str:
    """Return a text for comparison with words of a profile."""
    return " ".join(text.split()).casefold()


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing of a person: empty, a checkbox that is not ticked, a dash or a failed formula."""
    return isinstance(cell, str) and (not cell or fold(cell) in _FALSE or fold(cell) in NOTHING or _is_error(cell))


def is_yes(text: str) -> bool:
    """Whether a text means yes."""
    return fold(text) in _TRUE


def is_no(text: str) -> bool:
    """Whether a text means no."""
    return fold(text) in _FALSE


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
    """Read one line: white space and line breaks within it are one space each, and `&amp;` is a sign. Raises ValueError."""
    line = " ".join((html.unescape(text) if _ENTITY.search(text) else text).split())
    if len(line) > NAME_MOST:
        raise ValueError(f'"{line[:60]}…" has {len(line)} characters: it must be at most {NAME_MOST}, like Dana Reyes')
    if hidden := next((char for char in line if unicodedata.category(char) == "Cc"), None):
        raise ValueError(
            f'"{line.replace(hidden, "�")[:60]}" holds a character that cannot be seen (U+{ord(hidden):04X}): delete it'
        )
    return read_name(line)


def read_reference(text: str) -> str:
    """Read an id. Raises ValueError for a number whose digits are lost: ids of several people may look the same then."""
    if re.fullmatch(r"\d[.,]\d+E\+\d{2,3}", text, re.IGNORECASE):
        raise ValueError(
            f'"{text[:60]}" is a number whose last digits the spreadsheet did not keep: '
            "format the column as text, and enter it again"
        )
    return read_text(text)


def letters_lost(text: str) -> str | None:
    """Return what should be known of a name whose letters a wrong encoding has changed; None of others."""
    if "\ufffd" in text or re.search(r"[^\W\d_]\?[^\W\d_]", text):
        return f'"{text[:60]}" has lost a letter: it is imported as it stands. Correct it in the sheet'
    for codec in () if text.isascii() else ("cp1252", "latin-1"):
        try:
            meant = text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        return f'"{text[:60]}" may be "{meant[:60]}" in a wrong encoding: it is imported as it stands. Correct it in the sheet'
    return None


def read_person_name(text: str) -> str:
    """Read a name. Raises ValueError for a question mark, an address or a link, and where no letter is."""
    name = read_text(text)
    if _ADDRESS.fullmatch(name):
        raise ValueError(f'"{name[:60]}" is an address and no name, like Dana Reyes')
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
    status = _status_of(folded) or _with_reason(folded)
    if status is None:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(STATUSES)}; a profile\'s `values` translate others')
    return status


def _status_of(folded: str) -> str | None:
    word = re.sub(r"[\s_-]+", "_", re.sub(r"[^\w\s'?-]+$|^[^\w\s]+", "", _WHO.sub("", folded)).strip())
    return _STATUS_OF.get(word) or _STATUS_OF.get(match[1] if (match := _BY_SOMEBODY.fullmatch(word)) else "")


def _with_reason(folded: str) -> str | None:
    """Return the status before a reason, like "cancelled (sick)"; None where the reason names another status."""
    first, *reason = re.split(r"\s+[-–—]\s+|\s*[(:;,]\s*", folded, maxsplit=1)
    status = _status_of(first) if reason else None
    others = {_status_of(word) for word in (*reason, *re.findall(r"[\w'-]+", " ".join(reason)))}
    return status if others <= {None, status} else None


def read_option(options: Sequence[str], text: str, column: str = "") -> str | None:
    """Read one of some words. In a column that is named after one ("Rejected"), yes and no are read too; None is nothing."""
    folded = fold(text)
    if (flag := fold(column)) in options and folded in _TRUE | _FALSE:
        return flag if folded in _TRUE else None
    if folded not in options:
        raise ValueError(f'"{text[:60]}" must be one of {", ".join(options)}; a profile\'s `values` translate others')
    return folded
