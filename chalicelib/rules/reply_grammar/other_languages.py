"""Imperatives that ask us to stop in Spanish, French, German, Portuguese, Italian, Dutch, Hebrew and Korean.

The forms are those of commands and wishes: "no me escriban" asks us, "no me escriben" tells what others do.
"""

from __future__ import annotations

_ES_MSG = r"(?:mensajes?|textos?|sms|mensajitos|recordatorios?|correos?(?: electronicos?)?|avisos|notificaciones|msjs?)"
_ES_DET = r"(?:(?:mas|estos|esos|sus|tus|los|tantos|de|ningun|mas de|este|otro|tipo|con) ){0,3}"
_ES_VERB = (
    r"(?:escriban?|escribas|env[i]en?|envies|manden?|mandes|contacten?|contactes|llamen?|llames|molesten?|molestes|"
    r"mensajeen?|texteen?|"
    r"texte[e]s|busquen?|hablen?|insistan?|fastidien?)"
)
_ES_INF = r"(?:escribir|enviar|mandar|contactar|molestar|llamar|textear|mensajear|mandar|fastidiar|enviarme)"
SPANISH = (
    rf"(?:pueden? |podrian? |quiero que |necesito que |favor de )?(?:dejar de|deja de|deje de|dejen de|dejad de|dejas "
    rf"de|para de|pare de|"
    rf"paren de|parar de) (?:me |nos )?{_ES_INF}(?:me|nos)?(?: {_ES_DET}{_ES_MSG})?",
    rf"(?:pueden? |podrian? |favor de )?(?:no|nunca|ya no|jamas) (?:me |nos )(?:vuelvan? a |vuelvas a )?(?:{_ES_VERB}|"
    rf"{_ES_INF})(?: {_ES_DET}{_ES_MSG})?",
    rf"(?:no|nunca|ya no) (?:vuelvan? a |vuelvas a ){_ES_INF}(?:me|nos)(?: {_ES_DET}{_ES_MSG})?",
    rf"(?:ya )?(?:quiero|quisiera|deseo|necesito) dejar de recibir {_ES_DET}{_ES_MSG}",
    rf"(?:no|ya no) (?:envien?|manden?|mandes|envies|escriban?) {_ES_DET}{_ES_MSG}",
    r"(?:no|ya no) (?:escriban?|manden?|envien?|molesten?|insistan?|texteen?)(?: mas| nada)",
    rf"(?:yo )?(?:ya )?no (?:quiero|deseo|quisiera) (?:seguir )?(?:mas )?(?:recibir |recibiendo |que me (?:escriban?|"
    rf"manden|envien|contacten|molesten|texteen) )?{_ES_DET}{_ES_MSG}",
    r"(?:yo )?(?:ya )?no (?:quiero|deseo) (?:mas )?(?:que (?:me|nos) (?:escriban?|contacten?|molesten?|llamen?|"
    r"texteen?)|ser contactad[oa])",
    rf"no mas (?:de )?{_ES_DET}{_ES_MSG}",
    r"(?:quiero |deseo |quisiera |necesito )?(?:dar(?:me|nos)|denme|deme|dame|dan?me|dar) de baja",
    rf"(?:basta|ya basta|alto|stop|paren?|cancelen?|cancelar|detengan?) (?:de |con |a )?(?:los |estos |sus |tantos |mis "
    rf")?{_ES_MSG}",
    r"(?:borren?|borra|quiten?|quita|eliminen?|elimina|saquen|saca|saqueme|quitar|eliminar|borrar|sacar)(?:me)?(?: mi "
    r"numero| este numero| (?:mi|este) (?:correo|email))?"
    r"(?: (?:de|la|su|sus|esta|tu|lista|listas|registros|sistema|base|datos))*",
    r"(?:dejenme|dejeme|dejame|dejen|dejadme) (?:en paz|tranquil[oa])",
    r"(?:creo que )?(?:es |este es |tienen? (?:el )?|se equivocaron de |esta? )?numero (?:equivocado|incorrecto)",
    r"(?:creo que )?(?:se |te )(?:han? )?equivoc(?:o|aron|an|a|aste|ado)(?: usted| ustedes)? de (?:numero|persona)",
    r"(?:me )?(?:pueden?|podrian?) (?:quitar|borrar|eliminar|sacar)(?:me)?(?: mi numero)?(?: (?:de|la|su|sus|esta|lista|"
    r"listas))*",
    r"(?:cancelen?|cancela|cancelar|quiero cancelar|anulen?)(?: mi| la)? suscripcion",
)
_FR_MSG = r"(?:messages?|sms|textos?|mails?|emails?|rappels?|notifications?|msgs?)"
_FR_DET = r"(?:(?:de|des|d|ces|les|vos|tes|tous|plus|aucun|ce|genre|la) ){0,3}"
_FR_INF = (
    r"(?:ecrire|envoyer|contacter|deranger|appeler|texter|relancer|harceler|embeter|spammer|solliciter|m ecrire|m "
    r"envoyer)"
)
_FR_VERB = (
    r"(?:ecrivez|ecris|contactez|contacte|envoyez|envoie|envoies|derangez|derange|appelez|appelle|textez|texte|relancez|"
    r"relance|"
    r"sollicitez|harcelez)"
)
FRENCH = (
    rf"(?:pouvez vous |pourriez vous |veuillez |je vous demande d |vous pouvez )?(?:arretez|arrete|cessez|cesse|stoppez|"
    rf"(?:d |de )?arreter|cesser|stop)"
    rf" (?:donc |tout de suite |s il vous plait )?(?:de|d|a) ?(?:me |m |nous )?{_FR_INF}(?: {_FR_DET}{_FR_MSG})?",
    rf"(?:pouvez vous |pourriez vous |veuillez )?(?:arretez|arrete|cessez|stoppez|arreter|stop|stop a|stop aux|assez de|"
    rf"assez avec|fini) {_FR_DET}{_FR_MSG}",
    rf"(?:veuillez )?ne (?:me |m |nous )?{_FR_VERB} (?:plus|pas|plus jamais|jamais)(?: {_FR_DET}{_FR_MSG})?",
    rf"(?:de |veuillez )?ne plus (?:jamais )?(?:me |m |nous )?{_FR_INF}(?: {_FR_DET}{_FR_MSG})?",
    rf"(?:me |m ){_FR_VERB} (?:plus|plus jamais)(?: {_FR_DET}{_FR_MSG})?",
    rf"(?:m )?{_FR_VERB} (?:moi )?plus (?:jamais )?{_FR_DET}{_FR_MSG}",
    rf"je (?:veux|souhaite|voudrais) (?:arreter|cesser) de recevoir {_FR_DET}{_FR_MSG}",
    rf"je (?:ne )?(?:veux|souhaite|desire|voudrais) (?:plus|pas) (?:jamais )?(?:recevoir |que vous (?:me |m )\w+ "
    rf")?{_FR_DET}{_FR_MSG}",
    r"je (?:ne )?(?:veux|souhaite|desire) (?:plus|pas) (?:jamais )?(?:etre (?:contactee?|derangee?|relancee?|"
    r"sollicitee?)|que vous (?:me|m)"
    r" (?:contactiez|ecriviez|appeliez|envoyiez))",
    r"(?:je (?:veux|souhaite|voudrais|desire) )?(?:me |m )?(?:desabonner|desinscrire)"
    r"(?: (?:de|la|votre|vos|cette|liste|listes|emails?|newsletter))*",
    r"(?:desabonnez|desinscrivez|desabonne|desinscris)(?: moi)",
    r"(?:retirez|enlevez|supprimez|effacez|retire|enleve)(?: moi| mon numero| ce numero)(?: (?:de|la|votre|vos|cette|"
    r"liste|listes|fichier|fichiers|base))*",
    rf"plus (?:de|aucun) {_FR_MSG}",
    r"(?:laissez|laisse|fichez|foutez) moi (?:tranquille|en paix|la paix)",
    r"(?:c est (?:un |le )?|vous avez (?:un |le )?)?(?:mauvais|faux) numero",
    r"je me (?:desabonne|desinscris)",
    r"vous vous (?:trompez|etes trompee?s?) de (?:numero|personne)|(?:c est une )?erreur de (?:numero|destinataire)",
)
_DE_MSG = r"(?:nachrichten?|sms|texte|mails?|emails?|erinnerungen?|benachrichtigungen|smsen)"
_DE_DET = r"(?:(?:keine|weiteren|weitere|solche|solchen|diese|diesen|mehr|mit|den|eure|ihre|von|euch|ihnen|dem|alle) ){0,4}"
_DE_VERB = (
    r"(?:schreiben|schreib|schreibt|schicken|schick|schickt|senden|sende|sendet|kontaktieren|kontaktiere|kontaktiert|"
    r"belastigen|"
    r"texten|texte|simsen|nerven|nerv|nervt|rufen|anschreiben|melden)"
)
GERMAN = (
    rf"(?:konnen sie |konnten sie |konnt ihr |kannst du )?(?:bitte )?(?:horen sie|hor|hort|horen|aufhoren)(?: "
    rf"endlich)?(?: bitte)?(?: auf)?"
    rf"(?: damit| mir| mich)*(?: {_DE_DET}{_DE_MSG})?(?: (?:zu |mir zu |mich zu )?(?:schreiben|schicken|senden|"
    rf"kontaktieren|texten|nerven|zuzusenden|"
    rf"belastigen|anzuschreiben|zuschicken))?(?: aufhoren| auf| aufzuhoren)?(?: mir| mich)?",
    rf"{_DE_VERB} (?:sie |ihr )?(?:mir |mich |uns )(?:bitte )?(?:nicht mehr|nie wieder|nie mehr|niemals wieder)(?: "
    rf"an)?(?: {_DE_DET}{_DE_MSG})?",
    rf"{_DE_VERB} (?:sie |ihr )?(?:mir |mich |uns )?(?:bitte )?keine {_DE_DET}{_DE_MSG}(?: mehr)?",
    rf"(?:mir |mich )?(?:bitte )?(?:keine (?:weiteren |weitere )?{_DE_MSG}(?: mehr)?|nicht mehr|nie wieder)(?: an mich)?"
    r"(?: (?:schreiben|schicken|senden|kontaktieren|anschreiben|zusenden|texten))",
    rf"keine (?:weiteren |weitere |solchen )?{_DE_MSG}(?: mehr)?",
    rf"ich (?:mochte|will|wunsche) (?:ab sofort |bitte |wirklich )?(?:keine {_DE_DET}{_DE_MSG}(?: mehr)?|nicht mehr)(?: "
    rf"(?:von|ihnen|euch|mehr))*"
    r"(?: (?:erhalten|bekommen|haben|kriegen|empfangen|kontaktiert werden|angeschrieben werden))?",
    r"(?:melden|meldet|meld|tragen|tragt|trag) (?:sie )?mich (?:bitte )?(?:ab|aus)",
    r"(?:ich (?:mochte|will|wurde) )?(?:mich )?(?:bitte )?(?:gerne )?(?:abmelden|austragen|abbestellen)",
    rf"(?:stoppen|stoppt|stopp|beenden|abbestellen|schluss|genug|stop|aufhoren)(?: sie)? {_DE_DET}(?:\w+ )?{_DE_MSG}",
    r"(?:loschen|losche|loscht|entfernen|entfernt|streichen|nehmen|nehmt)(?: sie)?(?: bitte)? (?:meine nummer|meine "
    r"handynummer|mich|diese nummer)"
    r"(?: (?:bitte|aus|von|der|dem|diesem|dieser|ihrer|eurer|ihrem|liste|verteiler|datenbank|system|raus))*",
    r"(?:lassen|lasst|lass)(?: sie)? mich(?: bitte| endlich)? in (?:ruhe|frieden)",
    r"(?:das ist (?:die |eine )?|sie haben (?:die )?|ihr habt (?:die )?)?falsche (?:nummer|person)",
    r"ich melde mich (?:hiermit |bitte )?ab(?! (?:sofort|jetzt|nun))|(?:sie sind )?falsch verbunden",
    r"(?:sie haben sich|ihr habt euch) (?:in der nummer (?:geirrt|vertan)|verwahlt)",
)
_PT_MSG = r"(?:mensagens|mensagem|sms|textos?|msgs?|lembretes?|notificacoes|emails?|recados)"
_PT_DET = r"(?:(?:mais|essas|estas|esses|suas|as|os|nenhuma|nenhum|de|com|tantas|receber) ){0,3}"
_PT_VERB = (
    r"(?:enviem?|envies|mandem?|mandes|escrevam?|escrevas|contatem?|contactem?|liguem?|perturbem?|incomodem?|chamem?|"
    r"procurem?|"
    r"encham?|importunem?)"
)
_PT_INF = r"(?:enviar|mandar|escrever|contatar|contactar|incomodar|perturbar|ligar|encher|me mandar|importunar)"
PORTUGUESE = (
    rf"(?:podem? |poderiam? |quero que |voces podem )?(?:pare|parem|para|parar|deixem?|deixar) de (?:me )?{_PT_INF}(?: "
    rf"me)?(?: {_PT_DET}{_PT_MSG})?",
    rf"(?:por favor )?(?:nao|nunca|jamais) (?:me )?(?:voltem? a )?{_PT_VERB}(?: me)?(?: mais)?(?: "
    rf"{_PT_DET}{_PT_MSG})?(?: mais| nunca mais)?",
    rf"(?:eu )?(?:ja )?nao (?:quero|desejo|gostaria de) (?:mais )?(?:receber |que me (?:mandem|enviem|escrevam) "
    rf")?{_PT_DET}{_PT_MSG}",
    r"(?:eu )?nao (?:quero|desejo) (?:mais )?(?:ser (?:contatad[oa]|contactad[oa]|incomodad[oa])|que (?:me "
    r")?(?:contatem|contactem|escrevam|liguem))(?: mais)?",
    rf"(?:nao mais|sem mais|chega de|basta de|parem com|cancelem|cancelar|chega com) {_PT_DET}{_PT_MSG}",
    r"(?:eu )?(?:quero |gostaria de )?(?:me )?(?:descadastrar|descadastrem?|descadastre|cancelar (?:minha |a "
    r")?(?:inscricao|assinatura)|sair (?:da|desta|dessa) lista)(?: me)?",
    r"(?:me )?(?:tirem?|removam?|retirem?|excluam?|apaguem?|remova|exclua|apague)(?: me)?(?: (?:o )?meu numero| este "
    r"numero| meu telefone)?"
    r"(?: (?:da|de|dessa|desta|sua|lista|base|cadastro|do|sistema))*",
    r"(?:me )?(?:deixem?|deixa) (?:me )?em paz",
    r"(?:e |esse e |este e |voce tem o |ligaram para o )?(?:o )?numero errado",
    r"parem? com (?:isso|isto)",
)
_IT_MSG = r"(?:messaggi|messaggio|sms|messaggini|promemoria|email|mail|notifiche|testi)"
_IT_DET = r"(?:(?:piu|questi|altri|i|vostri|tuoi|di|altro|nessun|con|coi|dei|gli|tutti) ){0,3}"
_IT_INF = r"(?:scriver|contattar|mandar|inviar|chiamar|disturbar|messaggiar|assillar|spammar|tormentar)"
ITALIAN = (
    rf"(?:potete |puoi |puo |potreste |vi chiedo di |voglio che )?(?:smettete|smetti|smetta|smettetela|smettila|"
    rf"smettere|finitela|smetterla|basta)"
    rf" (?:di |con )?{_IT_INF}(?:mi|ci|e)(?: {_IT_DET}{_IT_MSG})?",
    rf"(?:smettete|smetti|smettetela|smettila|basta|stop|finitela|fermate|interrompete|annullate|cancellate) (?:di |con "
    rf"|a |coi |ai )?{_IT_DET}{_IT_MSG}",
    rf"(?:non|mai) {_IT_INF}(?:mi|etemi|atemi|ci)(?: piu| mai piu)?(?: {_IT_DET}{_IT_MSG})?",
    rf"non (?:scrivetemi|scrivermi|contattatemi|contattarmi|mandatemi|mandarmi|inviatemi|inviarmi|chiamatemi|"
    rf"disturbatemi|cercatemi)(?: {_IT_DET}{_IT_MSG})?",
    r"non (?:mi |ci )(?:scrivete|scriva|scrivere|contattate|contatti|contattare|mandate|mandare|inviate|inviare|"
    r"disturbate|chiamate|cercate)"
    rf"(?: piu| mai piu)(?: {_IT_DET}{_IT_MSG})?",
    rf"(?:non (?:mandate|inviate|mandare|inviare)) {_IT_DET}{_IT_MSG}",
    rf"(?:io )?non (?:voglio|desidero|vorrei) (?:piu )?(?:ricevere )?{_IT_DET}{_IT_MSG}",
    r"(?:io )?non (?:voglio|desidero) (?:piu )?(?:essere (?:contattat[oa]|disturbat[oa])|che mi (?:contattiate|"
    r"scriviate|mandiate \w+))(?: piu)?",
    rf"(?:niente|nessun|mai) piu {_IT_MSG}",
    r"(?:cancellatemi|toglietemi|rimuovetemi|eliminatemi|cancellami|toglimi|disiscrivetemi|disiscrivimi|eliminate il "
    r"mio numero|"
    r"(?:cancellate|togliete|rimuovete|eliminate|cancella) (?:il mio|questo) numero)(?: (?:da|dalla|vostra|lista|elenco|"
    r"dai|contatti|dal|sistema|questa))*",
    r"(?:voglio |vorrei |desidero )?(?:disiscrivermi|cancellarmi(?: dalla lista)?|disdire (?:i messaggi|gli sms))",
    r"(?:lasciatemi|lasciami|lasciateci|mi lasci) (?:in pace|stare)",
    r"(?:e |avete |questo e |ha )?(?:il |un )?numero sbagliato|(?:avete|ha|hai) sbagliato (?:numero|persona)",
)
_NL_MSG = (
    r"(?:berichten|berichtjes|berichtje|bericht|sms|smsjes|smsjes|sms jes|smsen|smsjes|mails?|herinneringen|appjes|meldingen)"
)
_NL_DET = r"(?:(?:geen|deze|die|jullie|meer|met|de|het|alle|zulke|verdere|andere|al) ){0,3}"
DUTCH = (
    rf"(?:kunt u |kun je |kunnen jullie |willen jullie |wil je )?(?:stop|stoppen|hou|houd|houden|ophouden) (?:er "
    rf")?(?:alstublieft |aub |alsjeblieft )?(?:mee )?(?:op )?met "
    rf"(?:mij |me )?{_NL_DET}(?:te )?(?:{_NL_MSG}|smsen|sms en|appen|berichten|texten|contacteren|schrijven|"
    rf"lastigvallen|bellen)"
    rf"(?: (?:te )?(?:sturen|versturen|stoppen))?(?: (?:naar |aan )?(?:mij|me))?(?: (?:te )?(?:sturen|stoppen))?",
    rf"(?:stuur|sturen|sms|app|schrijf|contacteer|benader|bel|val)(?: u| jullie)?(?: (?:mij|me|ons))(?: alstublieft| "
    rf"aub)? (?:geen|niet|nooit)(?: {_NL_DET}{_NL_MSG})?"
    r"(?: (?:meer|nooit meer|weer|lastig))+",
    r"(?:stuur|sms|app|schrijf)(?: (?:mij|me|ons))? (?:niets|niks) meer",
    rf"(?:stuur|sturen)(?: (?:mij|me|ons))? geen {_NL_DET}{_NL_MSG}(?: meer)?(?: (?:sturen))?",
    rf"(?:ik )?(?:wil|wens) (?:echt )?geen {_NL_DET}{_NL_MSG}(?: meer)?(?: van jullie| van u)?(?: (?:ontvangen|krijgen|"
    rf"hebben))?",
    r"ik (?:wil|wens) niet (?:meer|langer)(?: \w+)? ?(?:gecontacteerd|benaderd|ge smst|lastiggevallen|gebeld)?(?: worden)",
    rf"geen {_NL_DET}{_NL_MSG} meer(?: (?:sturen|alstublieft|aub))?",
    r"geen contact meer(?: opnemen)?|neem geen contact meer (?:met mij |met me )?op",
    r"(?:schrijf|meld) (?:mij|me) (?:alstublieft |aub |alsjeblieft )?(?:uit|af)",
    r"(?:ik (?:wil|zou) )?(?:mij |me )?(?:graag )?(?:afmelden|uitschrijven|uitgeschreven worden|afgemeld worden)",
    r"(?:verwijder|wis|haal|schrap)(?: (?:mijn nummer|mij|me|dit nummer|mijn telefoonnummer))(?: (?:uit|van|jullie|de|"
    r"uw|lijst|bestand|systeem|die|deze|af))*",
    r"laat (?:mij|me) (?:met rust|gerust)",
    r"(?:stop|hou|houd) (?:er ?mee(?: op)?|hiermee)",
    r"(?:dit is (?:een |het )?|u heeft (?:het )?|jullie hebben (?:het )?|je hebt (?:het )?)?verkeerde? nummer",
)
_HE_SEND = r"(?:לשלוח|לסמס|לכתוב|להציק|להטריד|להודיע|לפנות|להתקשר|ליצור קשר|לחפור|להפציץ|עם|את)"
_HE_TO = r"(?:לי|אלי|אליי|איתי|אותי|לנו|למספר הזה|לטלפון שלי)"
_HE_MSG = r"(?:הודעות|הודעה|סמסים|סמס|תזכורות|מסרונים|ההודעות|הסמסים|התזכורות|ההודעות האלה|הודעות טקסט)"
HEBREW = (
    rf"(?:אפשר |אני רוצה ש|אני מבקש |אני מבקשת |תוכלו |אפשר בבקשה )?(?:תפסיקו|הפסיקו|תפסיק|תפסיקי|להפסיק|הפסק|מספיק|די|"
    rf"חדלו|תחדלו)(?: כבר| בבקשה)?"
    rf" {_HE_SEND}(?: {_HE_TO})?(?: (?:את )?{_HE_MSG})?(?: האלה)?(?: {_HE_TO})?",
    rf"(?:תפסיקו|הפסיקו|תפסיק|להפסיק|די|מספיק|עצרו|תעצרו|בטלו|תבטלו)(?: עם| ל| את)* (?:ל)?{_HE_MSG}(?: האלה)?",
    rf"(?:אל|נא לא|לא|אין|אבקש לא|אבקש שלא) (?:תשלחו|תשלח|תשלחי|תכתבו|תכתוב|לשלוח|לכתוב|תסמסו|לסמס|תפנו|לפנות|תצרו קשר|"
    rf"ליצור קשר|תציקו|להציק|להטריד|תטרידו)"
    rf"(?: {_HE_TO})?(?: (?:יותר|עוד|שוב))*(?: {_HE_MSG})?(?: {_HE_TO})?",
    r"(?:אני מבקש |אני מבקשת |אני רוצה |מבקש |מבקשת |אפשר |תוכלו )?(?:תסירו|הסירו|הסר|תסיר|תורידו|תוריד|להסיר|הורידו|"
    r"תמחקו|מחקו|תוציאו) (?:אותי|את המספר שלי|את המספר הזה|את מספרי|את הטלפון שלי)"
    r"(?: (?:מהרשימה|מרשימת|מהרשימות|התפוצה|מרשימת התפוצה|מהדיוור|שלכם|מהמערכת|מכאן))*",
    rf"(?:אני )?(?:לא|כבר לא) (?:רוצה|מעוניין|מעוניינת|מעונין|מעונינת) (?:יותר )?(?:לקבל |ב|שתשלחו לי )?(?:עוד |יותר "
    rf")?{_HE_MSG}(?: מכם)?",
    rf"(?:בלי|אין|די|לא) (?:עוד|יותר) {_HE_MSG}",
    r"(?:אני רוצה |אני מבקש |אני מבקשת |מבקש |מבקשת )?(?:להסיר את עצמי|להיות מוסר|לבטל את ההודעות|לבטל הודעות|להסרה|"
    r"להיות מוסרת)(?: מהרשימה| מרשימת התפוצה)?",
    r"(?:עזבו|תעזבו|עזוב|תניחו|הניחו) (?:אותי|לי)(?: בשקט| לנפשי| במנוחה)?",
    r"(?:זה |זו |יש לכם |זה ה)?(?:טעות במספר|מספר שגוי|מספר לא נכון|לא המספר הנכון)",
)
_KO_MSG = r"(?:문자메시지|문자메세지|문자|메시지|메세지|알림|연락|sms|카톡|스팸|이런문자|이런연락)"
_KO_NOT = r"(?:마세요|마십시오|말아주세요|말아주십시오|마시오|마라|마요|말아요|말아|마|않았으면좋겠습니다|않으면좋겠어요)"
KOREAN = (
    rf"(?:저에게|저한테|제게|나한테|이번호로|더이상|다시는|이제|앞으로|제발|좀|그만|이런|이제그만|부탁인데)*{_KO_MSG}?(?:을|를|좀|도|은|는)?(?:더이상|다시는|이제|그만|제발)*"
    rf"(?:보내지|하지|연락하지|보내지도|주지|발송하지|귀찮게하지|전화하지){_KO_NOT}(?:부탁드립니다|부탁해요|제발)?",
    rf"(?:저한테|저에게|이제|제발|이런)*{_KO_MSG}(?:을|를|좀)?(?:이제|좀)*그만(?:좀)?(?:보내세요|보내주세요|보내|보내요|하세요|해주세요|해|하십시오|보내십시오|받을게요|받겠습니다|"
    rf"받고싶어요|받고싶습니다)",
    rf"(?:이제|더이상|이런)*{_KO_MSG}?(?:을|를)?(?:수신)?(?:거부|중지|중단|해지|차단|정지|취소|수신거부)(?:를|을)?(?:해주세요|해주십시오|합니다|할게요|하겠습니다|"
    r"요청합니다|요청|신청|신청합니다|신청할게요|원합니다|부탁드립니다|부탁합니다|바랍니다|하고싶어요|하고싶습니다|처리해주세요)",
    rf"(?:이제|더이상|저는|이런)*{_KO_MSG}(?:을|를)?(?:더이상|이제)?(?:받고싶지않(?:습니다|아요|네요)|안받고싶(?:습니다|어요)|안받을게요|안받겠습니다|받지않겠습니다|"
    rf"원하지않(?:습니다|아요)|필요없(?:습니다|어요))",
    r"(?:제|내|이)?(?:전화)?번호(?:를|좀)?(?:삭제|제거|지워|빼)(?:해주세요|주세요|해주십시오|바랍니다|부탁드립니다)?",
    r"(?:저를)?(?:명단|목록|리스트)에서(?:저를)?(?:빼|삭제해|제거해)(?:주세요|주십시오)",
    r"(?:제발|이제|좀)*(?:그만(?:좀)?(?:하세요|해주세요|하십시오|보내세요|보내|해요))",
    r"(?:번호(?:를)?잘못(?:아셨|보내셨|거셨)(?:어요|습니다|네요)|잘못보내셨(?:어요|습니다|네요)|잘못된번호입니다)",
)
"""Compared with the clause without its spaces: people space Korean as they like."""
