"""Words of replies in the languages that we send in, without case, accents and punctuation: keywords, and words around "
"them."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Splits a text into a set of words."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    "stop stopall stopp stoppen stopper stopped quit end revoke optout cancel unsubscribe unsub remove td "
    "arret arrets arreter arretez arrete stoppez desabonner desabonnement desinscrire desinscription desabonnez desinscrivez "
    "alto baja parar pare paren parad parem pares detener detenga detenganse detente basta cancelar cancela cancele cancelen "
    "para sair saia descadastrar descadastre remover chega "
    "abmelden abmeldung abbestellen austragen aufhoren ende halt stoppt "
    "ferma fermati fermatevi fermate smetti smettete smettila smettetela annulla disiscrivi disiscrivimi cancellami "
    "cancellatemi "
    "afmelden uitschrijven stoppe afmelding avsluta avslutt avmeld lopeta stopa "
    "הסר הסירו הסרה להסרה להסיר הסירי תסירו תסיר עצור עצרו תעצרו הפסק הפסיקו תפסיקו תפסיק תפסיקי להפסיק סטופ די "
    "수신거부 수신거절 거부 중지 정지 그만 그만해 그만하세요 중단 해지 구독취소 구독해지 스톱 스탑 멈춰 멈추세요 "
    "стоп отписаться отписка отпишите хватит 退订 退訂 取消订阅 取消訂閱 停止 配信停止 配信解除 退会 ストップ "
    "توقف توقفوا ايقاف اوقف اوقفوا الغاء الغاءالاشتراك rezygnacja wypisz wypiszcie przestancie przestan"
)
"""The opt-out keywords of carriers and of the FCC, and of the languages that we send in."""
MISSPELLED_STOPS = word_set(
    "sotp stpo stp stoppp st0p 5top 5t0p sstop sttop stopo syop stahp stawp shtop unsuscribe unsubscibe unsubcribe unsubscirbe "
    "unsubsribe unsubscribed unsubscrib unsubscride unsubcribed unsuscribed unscribe unsubs"
)
WEAK_STOPS = word_set(
    "quit end cancel remove td ende halt para pare cancelar cancela cancele cancelen remover chega basta sair ferma annulla "
    "baja alto arret revoke stopped unsubscribed 거부 중지 정지 그만 중단 해지 די"
)
"""Keywords that are everyday words too: they count only where they are the whole text."""
START_WORDS = word_set(
    "start unstop optin resume subscribe restart demarrer commencer reprendre iniciar empezar comenzar reanudar alta comecar "
    "recomecar starten anmelden fortsetzen inizia iniziare riprendi iscrivimi aanmelden hervatten התחל התחילו להצטרף הצטרף "
    "시작 재개 수신동의 수신허용 다시시작 старт"
)
HELP_WORDS = word_set(
    "help info aide ayuda hilfe ajuda aiuto hulp infos informacion information informazioni assistance assist "
    "עזרה מידע 도움 도움말 помощь"
)
YES_WORDS = word_set("yes yep yeah yup ya ye yess yea y si oui ja sim jawohl כן 네 예 응 넵 да")
NO_WORDS = word_set("no nope n nein non nao nee nop nah niet לא 아니요 아니오 아뇨 아니 нет")

LEAD = word_set(
    "please pls plz kindly just hi hello hey ok okay yes no sorry guys sir madam maam and so but then also now thanks "
    "thank you "
    "wow look listen seriously immediately heardback again dear team all omg damn fuck fucking "
    "por favor porfavor porfa hola gracias ya si y pero perdon disculpe disculpen "
    "s il vous te plait svp stp bonjour merci de et mais desole non oui "
    "bitte hallo danke und aber ja nein guten tag entschuldigung "
    "ola obrigado obrigada e mas sim nao desculpe "
    "prego favore per ciao grazie buongiorno ma scusate scusi "
    "graag aub alstublieft alsjeblieft svp bedankt en maar "
    "prosze bardzo пожалуиста من فضلك رجاء الرجاء "
    "בבקשה אנא נא שלום היי תודה די"
)
"""Words that may stand before an imperative."""
POLITE = word_set(
    "please pls plz kindly por porfavor porfa svp plait bitte graag aub alstublieft alsjeblieft favore בבקשה אנא נא"
)
NEGATIONS = word_set("no nao non nunca jamas mai nem nie не לא אל")
"""Directly before an order of another language than English they say the opposite: "no cancelen"."""
WHOLE_STOPS = frozenset(
    {
        "no more",
        "no mas",
        "no consent",
        "i do not consent",
        "i revoke",
        "cease",
        "cease and desist",
        "ya no mas",
        "no more please",
    }
)
"""Requests to stop where they are the whole text."""
TAIL = word_set(
    "again anymore any more longer ever please pls plz now right away immediately asap once today already thanks thank "
    "you thx "
    "from your company number this that on to my phone cell all at heardback guys sir forever completely ok okay here "
    "me it us "
    "so much constantly every day the stupid going forward future in the sms texts text messages about ffs fucking damn "
    "ever never period "
    "mas nunca jamas por favor porfavor gracias ya a este mi numero telefono celular de nuevo otra vez ahora mismo nada "
    "ustedes "
    "plus svp s il vous te plait merci jamais a mon ce desormais maintenant encore du tout "
    "mehr nie wieder bitte danke jetzt an diese meine nummer ab sofort mir mich "
    "mais nunca por favor obrigado obrigada agora para meu este numero celular de novo vez "
    "piu mai per favore grazie adesso subito al mio questo numero cellulare ancora vi prego "
    "meer nooit alstublieft alsjeblieft aub bedankt nu op dit mijn nummer "
    "יותר לעולם בבקשה תודה עכשיו למספר הזה שלי לי אף פעם מיד"
)
"""Words after an imperative that change nothing about it."""
NEXT_CLAUSE = word_set(
    "i we were its it this he she they you and but because cause as since bc so or thats there already enough wrong "
    "y yo porque pero esto esta tengo encontre ya "
    "je j c ce et mais car parce nous "
    "ich und aber weil denn das wir habe "
    "e eu porque pois mas isso tenho "
    "e ho sono perche ma questo non "
    "ik en want omdat maar het "
    "אני כי זה כבר ואני"
)
"""Words that open another clause without punctuation: what follows does not qualify the imperative."""
CONDITIONS = word_set("if unless until when once while before after cuando hasta quand wenn sobald falls bis quando als zodra אם")
"""A sentence that opens with one says when or if: a person must read it."""
THEY = word_set(
    "they he she nobody noone company recruiter manager hr someone somebody employer boss everyone "
    "ellos ellas ils elles eles loro"
)
"""Third persons: a clause after them may be about what they do."""
SAID = word_set("said says say told wrote asked replied mentioned dijo dijeron dit sagte sagten disse dissero zei")

COURTESIES = POLITE | word_set(
    "now thanks thank you ok okay hi hello hey sorry just yes no it all this these sms text texts texting message messages "
    "messaging msg msgs from us me immediately sir heardback thx ty cheers regards guys asap right today and very much again "
    "gracias muchas por favor hola ya merci beaucoup se s il vous te plait bonjour danke vielen hallo "
    "obrigado obrigada ola grazie "
    "lol bro dude man omg dammit damn ty u bye forever seriously folks fuck fucking ffs wtf idiots jerks assholes buddy cool "
    "alright "
    "already enough good morning afternoon evening prosze dziekuje пожалуиста спасибо "
    "per ciao bedankt dank kind תודה שלום 부탁드립니다 부탁해요 주세요 해주세요 감사합니다 제발 좀 요 "
    "mensajes mensaje nachrichten messaggi "
    "mensagens berichten 문자 הודעות"
)
"""What may stand beside a keyword."""
GREETINGS = POLITE | word_set(
    "now thanks thank you ok okay hi hello hey sorry immediately thx gracias por favor hola ya merci s il "
    "vous te plait bonjour "
    "danke hallo obrigado obrigada ola grazie per ciao bedankt dank תודה שלום 감사합니다 제발 sir heardback "
    "just asap right today "
    "sms text texts message messages messaging texting msg msgs all these this 문자 הודעות no yes us from me it"
)
"""What may stand beside a keyword that is an everyday word as well."""
CONTRACTIONS = {
    "dont": "do not",
    "didnt": "did not",
    "doesnt": "does not",
    "havent": "have not",
    "hasnt": "has not",
    "im": "i am",
    "ive": "i have",
    "id": "i would",
    "theyve": "they have",
    "theyre": "they are",
    "youve": "you have",
    "its": "it is",
    "thats": "that is",
    "u": "you",
    "w": "with",
    "wanna": "want to",
    "lemme": "let me",
}
"""As phones write them without an apostrophe. The patterns know the full forms."""
