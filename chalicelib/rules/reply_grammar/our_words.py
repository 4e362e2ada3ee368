"""What we write ourselves about STOP: phones and mail programs quote it in a reply, and nobody asked for anything by that."""

from __future__ import annotations

import re

_WAYS_OUT = (
    "unsubscribe no more (?:messages|reminders) about any interview",
    "unsubscribe from these emails",
    "darse de baja no recibir m[aá]s (?:mensajes|recordatorios) sobre ninguna entrevista",
    "se d[ée]sinscrire ne plus recevoir de (?:messages|rappels) sur aucun entretien",
    "הסרה בלי (?:הודעות|תזכורות) נוספות על שום ראיון",
    "수신 거부 모든 면접에 대한 (?:메시지를|알림을) 더 이상 받지 않기",
    "(?:answer|reply|text) stop to get no more emails about any interview",
)
"""The last line of our mails."""
_ENDS = ("(?:reply )?stop to opt out", "stop baja", "stop d[ée]sinscription", "להסרה stop", "수신거부 stop")
"""How our texts end. Alone it is an order, after other words it is quoted."""
_WORDS_BEFORE_END = 3
_GAP = r"[\W_]{1,12}"


def _phrase(words: str) -> str:
    return words.replace(" ", _GAP)


_WAY_OUT = re.compile(rf"(?<!\w)(?:{'|'.join(_phrase(one) for one in _WAYS_OUT)})(?!\w)", re.IGNORECASE)
_END = re.compile(rf"(?<!\w)(?:{'|'.join(_phrase(one) for one in _ENDS)})[\W_]*$", re.IGNORECASE)
_OURS = re.compile(r"heardback|[:?？]", re.IGNORECASE)
"""In each of our texts, before its end."""


def without_our_words(text: str) -> str:
    """Drops what a mail or a text of ours says about STOP. A text of which nothing is left is returned whole."""
    kept = _WAY_OUT.sub(" ", text)
    end = _END.search(kept)
    if end and len(kept[: end.start()].split()) >= _WORDS_BEFORE_END and _OURS.search(kept[: end.start()]):
        kept = kept[: end.start()]
    return kept if re.search(r"\w", kept) else text
