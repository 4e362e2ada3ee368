"""Reads a plain yes or no to "did they get in touch?". One with a but, a request or a contradiction is for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from chalicelib.rules.reply_grammar.words import NO_WORDS, POLITE, YES_WORDS, word_set

_AFFIRMED = (
    r"(?:i|they|he|she|someone|somebody|the (?:company|recruiter|manager|employer)|we|you)"
    r"(?: (?:did|have|has|just|already|finally|had))*"
    r"(?: (?:called|contacted|emailed|texted|replied|responded|heard|wrote|answered|reached out|got back|told|"
    r"messaged|rang|spoke|"
    r"phoned))?(?: (?:back|from them|to|with|me|us|them))*|heard(?: back)?(?: from them)?|all good|"
    r"(?:i )?(?:have |just )?(?:got|had|received) (?:a|the) (?:call|reply|response)(?: back)?(?: from them)?|"
    r"(?:i )?(?:have |just )?(?:got|had|received) an (?:answer|(?:email|offer) from them)(?: from them)?|"
    r"(?:ya )?me (?:llamaron|contactaron|escribieron|respondieron|han (?:llamado|contactado|escrito|respondido))|ya|"
    r"(?:ils m ont|(?:il|elle|on) m ?a) (?:deja )?(?:r?appelee?|contactee?|ecrit|repondu)|j ai (?:eu|recu) une reponse|"
    r"sie haben (?:sich gemeldet|(?:mich )?angerufen|(?:mir )?(?:geschrieben|geantwortet))|hat sich gemeldet|"
    r"(?:ich )?wurde angerufen|"
    r"(?:me )?(?:ligaram|contataram|responderam)|"
    r"mi hanno (?:r?i?chiamat[oa]|contattat[oa]|risposto|scritto)|ze hebben (?:me |mij )?(?:gebeld|gereageerd|geantwoord|"
    r"gemaild)|"
    r"(?:연락|전화|답장|답변)(?:을|를|이|가)? ?(?:왔어요|받았어요|왔습니다|받았습니다)|"
    r"(?:הם )?(?:כבר )?(?:התקשרו|חזרו|יצרו קשר|ענו)(?: אליי?| לי| איתי)?"
)
_DENIED = (
    r"(?:i|they|he|she|nobody|noone|no one|we|the (?:company|recruiter|employer))(?: (?:still|just|has|have))*"
    r"(?: (?:did not|had not|not|never|do not|still|yet|nothing))*"
    r"(?: (?:called?|contact(?:ed)?|email(?:ed)?|text(?:ed)?|repl(?:y|ied)|responded|heard?|wrote|written|answered|reached out|"
    r"got back|messaged|rang))?(?: (?:back|anything|from (?:them|anyone|anybody)|to|me|us))*|"
    r"(?:i am |am )?still waiting(?: to hear)?(?: back)?(?: from them)?|"
    r"nadie me ha (?:llamado|contactado|escrito)|personne ne m ?a (?:r?appelee?|contactee?|ecrit)|noch nichts gehort|"
    r"not|nothing|still nothing|no word|word|news|no news|yet|not a word|"
    r"(?:todavia|aun|ya)(?: no| nada)?|nada|no me (?:han )?(?:llamaron|llamado|contactaron|contactado)|"
    r"pas encore|rien|toujours (?:rien|pas)|noch nichts?|nichts|ainda nao|non ancora|ancora no|niente|nog niets?|niets|"
    r"아직|아직 안 ?왔어요|עדיין לא|עוד לא|כלום"
)
_YES_ALONE = (
    r"(?:i|they) did|(?:i )?(?:have )?heard back(?: already)?|(?:i )?(?:have )?already heard(?: back)?|heard already|"
    r"(?:네|예) (?:연락 )?받았(?:습니다|어요)|כן קיבלתי(?: תשובה)?"
)
_NO_ALONE = (
    r"(?:not|nothing|no word|no news|no call|no reply|no response|still nothing|still no word|still no|not a word)"
    r"(?: from (?:them|anyone|anybody|anyone there))?(?: yet)?(?: from (?:them|anyone|anybody))?|no answer yet|"
    r"(?:i am |am )?still waiting(?: to hear)?(?: back)?(?: from them)?(?: yet)?|not yet thanks? (?:you )?for (?:asking|"
    r"checking)|"
    r"(?:i )?(?:still )?have (?:still )?not (?:yet )?heard(?: back| anything| from (?:them|anyone|anybody))*(?: yet)?|"
    r"they (?:still )?have not (?:called|contacted|emailed|texted|replied|responded|got(?:ten)? back|reached out)(?: back| "
    r"to| me)* yet|"
    r"(?:nobody|no one|noone) (?:has )?(?:called|contacted|emailed|texted|replied|responded)(?: back| to| me)* yet|"
    r"(?:todavia|aun) no (?:me (?:llaman|han llamado|contactan|han contactado|responden|escriben)|he recibido (?:nada|"
    r"respuesta)|"
    r"se nada|tengo (?:noticias|respuesta))|nada aun|aun nada|sigo esperando|sin (?:noticias|respuesta)(?: aun| todavia)?|"
    r"(?:toujours )?(?:pas encore de|pas de|aucune) (?:nouvelles?|reponse)|j attends toujours|"
    r"(?:ich habe |habe )?(?:leider )?(?:noch|bisher|bis jetzt) (?:nichts?|nicht)(?: gehort)?|(?:ich )?warte (?:immer )?noch|"
    r"ainda (?:nao|nada)|nada ainda|ancora (?:niente|nulla)|nessuna (?:notizia|risposta)|(?:ik heb )?nog (?:niets|niet) "
    r"gehoord|"
    r"아직 (?:연락|답장|답변)(?:을|를)? ?못 받았(?:습니다|어요)|(?:אני )?(?:עדיין|עוד) מחכה|"
    r"(?:they|i) (?:did|have) not(?: yet)?|"
    r"todavia no|aun no|todavia nada|nada todavia|nada|pas encore|toujours rien|toujours pas|noch nicht|"
    r"noch nichts|leider nicht|"
    r"leider nein|ainda nao|ainda nada|non ancora|ancora no|ancora niente|nog niet|nog niets|"
    r"아직|아직요|아직이요|아직 안 왔어요|(?:아니요 )?아직 못 받았(?:습니다|어요)|아직 연락 없어요|אין חדש|עדיין לא|עוד לא"
)
_CONTACTED = re.compile(r"\b(?:called|contacted|emailed|texted|replied|responded|wrote|answered|rang)\b")
_NEGATION = word_set("not never nobody noone nothing no still yet without cant aint")
_TIMES = word_set(
    "yet today yesterday already thanks thank you this last morning afternoon evening night week monday "
    "tuesday wednesday thursday "
    "friday please so far sadly unfortunately gracias merci danke obrigado obrigada grazie bedankt todavia "
    "aun still at all since "
    "ayer hoy hier gestern heute ieri oggi ontem hoje gisteren vandaag אתמול היום 어제 오늘 maam miss "
    "then just sorry sir madam now ok okay anything תודה 감사합니다 요"
)
_TIME = "|".join(sorted(_TIMES))


def read(words: Sequence[str]) -> Literal["yes", "no"] | None:
    """Reads words as yes or no; None where it is neither for certain."""
    first, rest = words[0], list(words[1:])
    if first in NO_WORDS and re.fullmatch(_NO_ALONE, " ".join(_without_times(rest))):
        return "no"
    while rest and rest[0] != "y" and rest[0] in (YES_WORDS if first in YES_WORDS else NO_WORDS):
        rest = rest[1:]
    if not POLITE.isdisjoint(rest):
        return None  # "yes please" asks for something
    if first in YES_WORDS and _NEGATION.isdisjoint(rest) and _is_settled(rest, _AFFIRMED):
        return "yes"
    if first in NO_WORDS and rest[:1] not in (["thanks"], ["thank"], ["gracias"]) and _is_settled(rest, _DENIED):
        return "no" if _denies(rest) else None
    kept = " ".join(_without_times(words))
    if re.fullmatch(_YES_ALONE, kept):
        return "yes"
    return "no" if re.fullmatch(_NO_ALONE, kept) or re.fullmatch(_NO_ALONE, " ".join(words)) else None


def _denies(rest: Sequence[str]) -> bool:
    """Whether what follows a no denies too: "no, they called" does not."""
    return not _CONTACTED.search(" ".join(rest)) or not _NEGATION.isdisjoint(rest)


def _is_settled(rest: Sequence[str], described: str) -> bool:
    """Whether the words after a yes or no are one plain clause with words of time and thanks."""
    if all(word in _TIMES for word in rest):
        return True
    return re.fullmatch(rf"(?:(?:{_TIME}) )*(?:{described})(?: (?:{_TIME}))*", " ".join(rest)) is not None


def _without_times(words: Sequence[str]) -> list[str]:
    kept = list(words)
    while kept and kept[-1] in _TIMES - {"yet", "aun", "todavia"}:
        kept.pop()
    return kept
