"""Recognizes lines of a sheet that are about nobody: its header once more, a total, a note of the program that wrote it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from chalicelib.integrations.imports.header import fold_name
from chalicelib.integrations.imports.workbook import Cell

_TOTALS = """
    totals? totale totali totaux totaal total[eé]s totais totalt summe gesamt(?:summe|zahl)? insgesamt endsumme somme łącznie
    ogółem toplam celkem összesen yhteensä итого всего σύνολο 合計 総計 合计 总计 總計 합계 총계 סה["״]?כ المجموع الإجمالي
    """
_SUBTOTALS = r"""
    sub[\s-]?total(?:s|e|es|en)? grand[\s-]totals? zwischensumme teilsumme gesamtsumme sous[\s-]total tussentotaal eindtotaal
    subtotaal gran\stotale? total\sg[eé]n[eé]ral(?:e)? totale\s(?:generale|parziale|complessivo) suma\s(?:częściowa|końcowa)
    total\sgeral delsumma ara\stoplam genel\stoplam mezisoučet részösszeg промежуточный\sитог подытог общий\sитог 小計 小计 소계
    """
_FIGURES = "sum|summa|suma|soma|razem|count|anzahl|nombre|average|mean|durchschnitt|moyenne|promedio|gemiddelde"
"""Such words may be names of people too: their line is a total only if nothing but figures stands in it."""
_UNITS = """
    rows? candidates? interviews? people persons? applicants? applications? records? entries names? kandidat(?:en|innen)?
    bewerber(?:innen)? bewerbungen personen zeilen einträge gespräche candidats? candidatures? personnes? entretiens? lignes?
    candidatos? personas? entrevistas? filas? candidati persone colloqui righe sollicitanten gesprekken kandydat(?:ów|ci)
    os[oó]b[ya]? rozmów pessoas linhas кандидатов 名 人 件 명 건
    """
_TOTALS, _SUBTOTALS, _UNITS = ("|".join(words.split()) for words in (_TOTALS, _SUBTOTALS, _UNITS))
_COUNT = r"\(?\s*[\d.,%]*\s*\)?"
_TOTAL = re.compile(
    rf"(?:(?P<sure>{_SUBTOTALS}|{_TOTALS})|{_FIGURES})(?:\s+(?:of|de|der|di|van|number of|number|no\. of))?(?:\s*(?:{_UNITS}))?"
    rf"\s*[:=–-]?\s*{_COUNT}(?:(?<=[\d)])\s*(?:{_UNITS}))?|[\d.,]+\s*(?:{_UNITS})",
    re.IGNORECASE,
)
_OF_SOMETHING = re.compile(
    rf"(?P<sub>{_SUBTOTALS})\b.+|(?:{_TOTALS})\s.+|.+\s(?:{_SUBTOTALS}|{_TOTALS}|count|anzahl|average|ergebnis)", re.IGNORECASE
)
"""Totals of groups, as spreadsheets write them: "Berlin Total", "Subtotal Berlin"."""
_NOTE = re.compile(
    r"(?:exported|generated|printed|downloaded|created|updated|last updated|as of|report|page|seite|stand|exportiert|erstellt|"
    r"exporté|généré)\b.*\d.*|end of (?:report|list|file|export|table)\.?",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-–—=_*~.·•+|:\s]{2,}")
_NUMBER = re.compile(r"[\d.,%\s]{1,9}")
_REACHED = re.compile(r"@|(?:\d\D{0,3}){7}")
"""In a cell with an email address or a number to call."""


def passed_over(
    cells: Sequence[Cell], header: Sequence[str], *, names: Collection[int], addresses: Collection[int], ids: Collection[int]
) -> str | None:
    """Return why a line is about nobody; None for a row. `names`, `addresses` and `ids` are columns with such cells."""
    given = [(at, cell) for at, cell in enumerate(cells) if cell != ""]
    texts = [cell for _, cell in given if isinstance(cell, str)]
    words = [(at, cell) for at, cell in given if isinstance(cell, str) and not _NUMBER.fullmatch(cell)]
    named = " ".join(cell for at, cell in words if at in names)
    label = named or (words[0][1] if words else "")
    total, part = _TOTAL.fullmatch(label), _OF_SOMETHING.fullmatch(label)
    if (total or part) and not any(at in addresses and _REACHED.search(str(cell)) for at, cell in given):
        is_sure = named and ((total and total["sure"]) or (part and part["sub"]))
        others = [cell for at, cell in words if cell != label and not (named and at in names)]
        is_alone = len(texts) == len(given) and all(_TOTAL.fullmatch(cell) for cell in others)
        of_group = part and len(given) > 1 and not any(at in ids for at, _ in given)
        if is_sure or (is_alone and (total or of_group)):
            return f'"{label[:60]}" is a total and no person: the line is passed over'
    if not given or len(texts) < len(given):
        return None
    if len(texts) > 1 and all(at < len(header) and fold_name(str(cell)) == fold_name(header[at]) for at, cell in given):
        return "is the header once more: it is passed over"
    if all(_RULE.fullmatch(text) for text in texts):
        return f'"{texts[0][:60]}" is a line and no person: it is passed over'
    if len(texts) == 1 and _NOTE.fullmatch(texts[0]):
        return f'"{texts[0][:60]}" is a note and no person: the line is passed over'
    return None
