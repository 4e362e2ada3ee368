"""English imperatives that ask us to stop. A pattern describes one clause from its first word, without politeness "
"before it."""

from __future__ import annotations

_ME = r"(?:me|us|(?:my|this) (?:phone number|cell phone|phone|cell|mobile|number|name|email address|email|address)|here)"
_COMM_ING = (
    r"(?:t[e]?xting|txting|messaging|messagin|textin|contacting|bothering|spamming|writing|emailing|mailing|calling|"
    r"sending|smsing|"
    r"pinging|harassing|annoying|bugging|pestering|disturbing|reminding|(?:reaching out|following up)|texts?|message|"
    r"contact|bother|spam)"
)
_TEXT = r"(?:te?xt|message|msg|sms|spam)"
_COMM = r"(?:te?xt|message|msg|contact|bother|spam|write|sms|ping|harass|annoy|bug|pester|disturb|remind|send|reach out)"
_CALL = r"(?:call|ring|email|mail|phone)"
_NOUN = (
    r"(?:te?xts?|text messages?|messages?|messaging|texting|msgs?|sms|smses|txts?|reminders?|notifications?|spam|"
    r"spamming|alerts?|"
    r"emails?|mails?|nudges?|follow ups?|check ins?|communications?|correspondence|contact|crap|shit|bullshit|junk|garbage|"
    r"stuff)"
)
_NOUNS = (
    r"(?:te?xts|text messages|messages|msgs|sms|smses|txts|reminders|notifications|spam|alerts|emails|mails|nudges|"
    r"follow ups|communications?|correspondence|contact)"
)
_DET = (
    r"(?:(?:the|these|those|this|that|your|all|any|more|so|many|further|such|of|automated|automatic|stupid|annoying|"
    r"damn|unsolicited|"
    r"unwanted|text|sms|with|my|constant|daily|silly|bloody|fucking|random) ){0,4}"
)
_NOT = r"(?:do not|never|must not|should not|not to)"
_AGAIN = r"(?:again|any ?more|ever|ever again|any longer)"
_POLITE = r"(?:(?:please|pls|plz|kindly|just|now) )?"
_ASK = (
    rf"(?:(?:can|could|would|will) (?:you|u)(?: all| guys| people| folks)? {_POLITE}"
    rf"|(?:you|u)(?: guys| people| all)? (?:can|may|should|must|need to|have to|better) {_POLITE}"
    rf"|i (?:really )?(?:want|need|would like|wish|am asking|ask|beg|demand|request|told|asked|already told|already asked"
    rf"|have asked|have told)(?: for| that)? (?:you|u)(?: guys| all| people)? (?:to )?{_POLITE}"
    r"|(?:i said|i say|make sure you|make sure to|be sure to) "
    r")?"
)
_I_WANT = (
    r"(?:i (?:really |just |hereby |am )?(?:(?:want|need|would like|wish|like|choose|prefer|decided|trying|going|have "
    r"decided) to )?)?"
)
_LIST = (
    r"(?: (?:off|from|out|of|your|the|this|these|that|all|mailing|text|texting|sms|messaging|message|contact|call|"
    r"calling|distribution|"
    r"phone|number)){0,5} (?:list|lists|texts|messages|system|database|contacts|phone|reminders|notifications|service|"
    r"records|files)"
)

ENGLISH = (
    rf"{_ASK}(?:stop|quit|cease|discontinue|halt|stopp?)(?: with| please| just| from)? {_COMM_ING}(?: to)?(?: {_ME})?"
    rf"(?: {_DET}{_NOUN}| (?:all )?(?:these|this|those|that|it|stuff|anything|things|so much))?(?: (?:to|on|at) {_ME})?",
    rf"i (?:really |just )?(?:want|need|would like|wish) to (?:stop|quit) (?:receiving|getting|seeing) (?:{_DET}{_NOUNS}|"
    rf"these|this|them)",
    rf"i (?:really |just )?(?:want|need|would like|wish|ask|am asking) to be (?:removed|taken off|deleted|unsubscribed|opted "
    rf"out)(?:{_LIST})?",
    rf"(?:i (?:really |just )?)?want (?:off|out)(?: of)?(?:{_LIST}| {_DET}{_NOUNS})",
    rf"(?:i am )?not interested in (?:receiving |getting )?{_DET}{_NOUNS}",
    r"let me (?:opt ?out|unsubscribe)",
    r"no (?:te?xts|sms|messages) (?:please|pls|plz)",
    r"no more (?:texting|messaging|spamming)",
    r"(?:stop|quit) (?:blowing|lighting) (?:up my phone|my phone up)",
    rf"{_ASK}(?:stop|quit|cease|discontinue|halt|end|cancel|terminate|turn off|shut off|switch off|disable|stop "
    rf"sending) {_DET}{_NOUNS}"
    rf"(?: coming)?(?: (?:to|on|at) {_ME})?",
    rf"{_ASK}(?:stop|quit|cease|discontinue) {_DET}{_NOUN}",
    rf"{_ASK}(?:stop|quit) (?:all of |all )?(?:it|this|that|these|those|everything)(?: (?:thing|things|nonsense|stuff|crap|"
    rf"shit|sh t|bs))?",
    r"(?:please )?(?:end|cancel|terminate) (?:my |this |the )?(?:text |sms )?subscription",
    r"you can stop",
    rf"(?:i (?:really )?(?:want|need|would like) )?{_DET}(?:{_NOUN}|it|this|these|those) to stop",
    rf"(?:these|the|your|all|all these|all the) {_NOUNS} (?:need to|have to|must|should|gotta) stop",
    r"make (?:it|this|them) stop",
    rf"(?:i (?:really |just |also |am )?(?:(?:do not|no longer|never|do not ever) )(?:want|wish|care|consent|agree|need)"
    rf"|(?:do not|no longer|not) want)(?: to)?(?: (?:get|receive|have|see|be getting|be receiving|keep getting|keep "
    rf"receiving))?"
    rf" {_DET}{_NOUNS}",
    r"i (?:really |just )?(?:do not|no longer) (?:want|wish|need|care) to (?:get|receive|have|see) (?:these|this|them)",
    r"i (?:really |just )?(?:do not|no longer|never) (?:want|wish) to be (?:texted|contacted|messaged|bothered|emailed|"
    r"reminded|spammed|disturbed)",
    r"i (?:really |just )?(?:do not|no longer|never) (?:want|wish) to hear from (?:you|u|heardback)",
    rf"i (?:do not|no longer|never) want (?:you|u)(?: guys| people)? to (?:{_COMM}|{_CALL}|be {_COMM_ING}|keep "
    rf"{_COMM_ING})(?: {_ME})",
    rf"no (?:more|further|additional) {_DET}{_NOUNS}",
    r"(?:i )?(?:have )?(?:already )?(?:asked|told|begged) (?:you|u)(?: guys| people| all)? to stop",
    rf"{_ASK}(?:take|remove|delete|erase|scrub|get|drop) {_ME}{_LIST}",
    rf"{_ASK}(?:remove|delete|erase|take|get) (?:me off|me out|me|my name|my number|this number|(?:my|this) email address|"
    rf"this address|(?:my|this) phone number|my "
    rf"phone)(?: "
    rf"off)?(?: (?:of|from) (?:it|this|here))?",
    rf"{_ASK}{_I_WANT}(?:opt|opting)(?: me| us| this number| my number)? ?out(?: me)?(?: (?:of|from) {_DET}(?:{_NOUN}|"
    rf"list|lists|everything|service))?",
    rf"{_ASK}{_I_WANT}unsubscribe(?: me| us| my number| this number| (?:my|this) (?:email|address|email address))?(?: (?:to|"
    rf"of|from) {_DET}(?:{_NOUN}|list|lists|"
    rf"everything|service|it|here))?",
    r"leave (?:me|us|my phone)(?: the (?:hell|fuck))? (?:alone|be|in peace)",
    r"(?:lose|forget) (?:my|this) (?:phone )?number",
    r"(?:fuck|piss|f|eff) off",
    r"(?:cut|knock) (?:it|this) (?:out|off)",
    rf"(?:i (?:hereby |want to |would like to )?)?(?:revoke|withdraw|rescind|retract) (?:my |all |any )*(?:consent|"
    rf"permission)"
    rf"(?: (?:to|for|from) (?:be |get |receive |your |the |these )*(?:{_NOUN}|texted|contacted|messaged|texting))?",
    r"(?:i (?:think|believe|guess|am afraid)(?: that)? )?(?:(?:you|u) (?:must |may |might )?(?:have (?:got )?|got )(?:the |a "
    r")?|"
    r"(?:this|it) is (?:the |a )?)?wrong (?:number|person)(?: (?:buddy|dude|bro|man|pal|mate|friend|lol))?",
    rf"enough (?:with|of) (?:the|these|your|all the|all these) (?:\w+ )?{_NOUNS}",
)
ENGLISH_NEGATED = (
    rf"{_ASK}{_NOT}(?: ever| please)* email me",
    rf"(?:can|could|would|will) (?:you|u) (?:please |just )?not {_COMM} {_ME}",
    rf"{_ASK}{_NOT}(?: ever| please| you)* {_COMM}(?: out)?(?: to)?(?: {_ME})?(?: {_DET}{_NOUN}| anything(?: else)?)?(?: "
    rf"(?:to|on|at) {_ME})?",
    rf"{_ASK}{_NOT}(?: ever| please| you)* {_CALL} {_ME}(?: {_DET}{_NOUN})? {_AGAIN}",
    rf"{_ASK}{_NOT}(?: ever| please| you)* (?:{_CALL} (?:or|and|nor) {_COMM}|{_COMM} (?:or|and|nor) {_CALL})"
    rf"(?: {_ME})?(?: {_AGAIN})?",
)
"""Without a subject they may tell what others do ("never contact me"): `replies.py` asks for more than these alone."""
