"""What mail programs write around the words of people, in seven languages. Data only; lower case throughout.

Collected from the programs' own wording: Gmail, Outlook (classic, new, mobile), Apple Mail, iPhone, Android, Samsung,
Yahoo, Proton, Thunderbird, and mutt. Languages: English, Spanish, French, German, Portuguese, Polish, Italian.
"""

from __future__ import annotations

from typing import Final

WROTE: Final = (
    "wrote", "writes", "escribió", "escribio", "ha escrito", "a écrit", "a ecrit", "écrit", "schrieb", "geschrieben",
    "escreveu", "napisał(a)", "napisał/a", "napisał", "napisała", "pisze", "ha scritto", "scrisse", "scrive",
    "wiadomość napisana przez", "schreef", "skrev", "написал(а)", "написал", "пишет", "napsal(a)", "kirjoitti",
)  # fmt: skip
"""The verb near the end of a line that introduces quoted words."""

OPENERS: Final = (
    "on ", "el ", "le ", "am ", "em ", "no dia ", "w dniu ", "dnia ", "il ", "in data ", "op ", "den ", "at ", "from ",
    "wiadomość napisana przez", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "lun", "mar", "mié", "mie", "jue", "vie", "sáb", "sab", "dom",
    "mo.", "di.", "mi.", "do.", "fr.", "sa.", "so.", "montag", "dienstag", "mittwoch", "donnerstag", "freitag",
    "samstag", "sonntag", "seg", "ter", "qua", "qui", "sex",
    "pon", "wt", "śr", "czw", "pt", "sob", "niedz", "ndz", "mer", "jeu", "ven", "gio",
)  # fmt: skip
"""How such a line begins: a preposition or a day."""

ORIGINAL: Final = (
    "original message", "original mail", "original appointment", "reply message", "mensaje original",
    "message d'origine", "message d’origine", "message original", "ursprüngliche nachricht", "originalnachricht",
    "ursprüngliche mail", "mensagem original", "wiadomość oryginalna", "oryginalna wiadomość", "messaggio originale",
    "messaggio originario", "wiadomość pierwotna", "oorspronkelijk bericht", "ursprungligt meddelande",
)  # fmt: skip
"""What a divider over an answered message says."""

FORWARDED: Final = (
    "forwarded message", "begin forwarded message", "forwarded by", "mensaje reenviado",
    "inicio del mensaje reenviado", "mensaje remitido", "message transféré", "début du message transféré",
    "début du message réexpédié", "message transmis", "message réexpédié", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "weitergeleitete mail",
    "mensagem encaminhada", "início da mensagem encaminhada", "mensagem reencaminhada",
    "início da mensagem reencaminhada", "przekazana wiadomość", "wiadomość przekazana", "przesłana dalej wiadomość",
    "treść przekazanej wiadomości", "początek przekazywanej wiadomości", "początek przekazanej wiadomości",
    "messaggio inoltrato", "inizio messaggio inoltrato", "doorgestuurd bericht", "vidarebefordrat meddelande",
)  # fmt: skip
"""What a divider over a forwarded message says."""

HEAD_LABELS: Final = {
    "from": (
        "from", "de", "von", "od", "da", "expéditeur", "remetente", "nadawca", "mittente", "absender", "remitente",
        "van", "från", "fra", "от",
    ),
    "date": (
        "sent", "date", "enviado", "enviado el", "enviado em", "fecha", "envoyé", "envoyé le", "gesendet", "datum",
        "gesendet am", "data", "enviada em", "enviada", "wysłano", "wysłane", "inviato", "inviato il", "sent on",
        "data di invio", "date et heure", "data do envio", "enviados", "verzonden", "skickat", "sendt", "отправлено",
        "дата",
    ),
    "to": (
        "to", "para", "à", "a", "an", "do", "destinataire", "destinatário", "pour", "adresat", "destinatario",
        "empfänger", "per", "aan", "till", "til", "кому",
    ),
    "cc": ("cc", "copie à", "kopie", "dw", "kopia", "copia", "cópia", "copie", "bcc", "cci", "cco"),
    "subject": (
        "subject", "asunto", "objet", "betreff", "assunto", "temat", "oggetto", "sujet", "onderwerp", "ämne", "emne",
        "тема",
    ),
    "reply": (
        "reply-to", "reply to", "responder a", "répondre à", "antwort an", "rispondi a", "odpowiedz do", "attachments",
        "importance", "anlagen", "adjuntos", "pièces jointes", "załączniki", "allegati", "anexos",
    ),
}  # fmt: skip
"""The labels over an older message (`From:`, `Sent:` …) by field."""

REPLY_PREFIXES: Final = frozenset(
    ("re", "aw", "antw", "antwort", "sv", "vs", "odp", "res", "r", "rif", "réf", "rép", "rsp")
)
FORWARD_PREFIXES: Final = frozenset(
    ("fwd", "fw", "tr", "wg", "rv", "enc", "encaminhado", "pd", "i", "fwrd", "reenv", "vb")
)

SENT_FROM: Final = (
    "sent from", "sent with", "sent via", "sent using", "get outlook for", "enviado desde", "enviado con",
    "enviado de",
    "enviado do", "enviado a partir", "enviado pelo", "enviado através", "enviado via", "envoyé de", "envoyé depuis",
    "envoyé à partir", "envoyé avec", "envoyé via", "von meinem", "gesendet von", "gesendet mit", "gesendet über",
    "diese nachricht wurde von", "obter o outlook para", "obtenga outlook para", "obtener outlook para",
    "télécharger outlook pour", "obtenez outlook pour", "holen sie sich outlook", "outlook für", "pobierz outlook",
    "pobierz aplikację outlook", "scarica outlook", "ottieni outlook", "wysłane z", "wysłano z", "wysłane za",
    "inviato da", "inviato dal", "inviato con", "yahoo mail:", "downloaded from", "descarga outlook",
    "verstuurd vanaf", "verzonden vanaf", "verzonden met", "verstuurd met", "skickat från", "skickat med", "sendt fra",
    "sendt med", "lähetetty", "odesláno z", "odoslané z", "отправлено с", "отправлено из", "надіслано з", "изпратено от",
    "trimis de pe", "trimis din", "elküldve", "poslano s", "poslano z", "послато са", "στάλθηκε από", "dikirim dari",
    "gửi từ", "ส่งจาก", "أرسلت من", "مرسل من", "נשלח מ", "发自我的", "從我的", "从我的", "나의", "내 ", "मेरे ",
)  # fmt: skip
"""How the line begins that a device or app adds."""

SENT_FROM_ENDS: Final = ("から送信", "에서 보냄", "gönderildi", "küldve", "से भेजा गया")
"""How it ends, where the device stands first."""

DEVICES: Final = (
    "iphon", "ipad", "ipod", "apple watch", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi", "pixel",
    "oneplus", "motorola", "nokia", "blackberry", "windows phone", "outlook", "mail for windows", "mail para windows",
    "courrier pour windows", "mail für windows", "email para windows", "windows mail", "yahoo", "proton",
    "tutanota", "tuta",
    "gmail", "aol", "gmx", "web.de", "fastmail", "spark", "airmail", "bluemail", "mailbird", "k-9", "fairemail",
    "smartphone", "handy", "mobile device", "mobile phone", "my mobile", "tablet", "mac", "libero mail", "onet",
    "wp mobi",
    "orange", "sfr", "t-mobile", "verizon", "at&t", "sony", "lg ", "oppo", "realme", "hey", "superhuman", "zoho",
    "icloud",
)  # fmt: skip
"""A word that such a line must hold."""

DISCLAIMER: Final = (
    "confidential", "confidentiality notice", "intended recipient", "intended solely", "privileged",
    "if you have received",
    "received this e-mail in error", "received this email in error", "received this message in error",
    "notify the sender",
    "unauthorized", "unauthorised", "disclosure, copying", "strictly prohibited", "delete it",
    "consider the environment",
    "before printing", "legally binding", "virus", "any attachments",
    "confidencial", "aviso legal", "destinatario", "por error", "notifíquelo", "queda prohibida", "medio ambiente",
    "confidentiel", "avis de confidentialité", "destinataire", "par erreur", "pensez à l'environnement", "expéditeur",
    "vertraulich", "rechtlich geschützt", "bestimmungsgemäße", "irrtümlich", "unbefugte", "nicht gestattet",
    "vernichten", "der richtige adressat", "umwelt",
    "destinatário", "por engano", "é proibida", "sigilo", "meio ambiente", "confidenciais",
    "poufne", "poufna", "zastrzeżone", "adresat", "omyłkowo", "zabronione", "środowisk",
    "riservat", "destinatari", "per errore", "vietat", "informativa", "stampare",
)  # fmt: skip
"""Phrases of legal disclaimers; a paragraph needs several of them."""

DISCLAIMER_STARTS: Final = (
    "confidentiality notice", "disclaimer", "legal notice", "this e-mail and any", "this email and any",
    "this message and any", "the information contained in this", "the information in this e-mail",
    "the information in this email", "this message is intended", "this email is intended", "this e-mail is intended",
    "the contents of this", "this communication", "please consider the environment", "caution: this email originated",
    "external email", "[external]", "caution: external", "warning: this email originated",
    "aviso legal", "aviso de confidencialidad", "este mensaje y", "este correo", "la información contenida",
    "avis de confidentialité", "ce message et", "ce courriel", "ce message électronique", "cet e-mail",
    "diese e-mail", "diese nachricht enthält", "der inhalt dieser e-mail", "vertraulichkeitshinweis",
    "bitte prüfen sie",
    "aviso de confidencialidade", "esta mensagem", "este e-mail", "a informação contida",
    "ta wiadomość", "niniejsza wiadomość", "treść tej wiadomości", "informacja zawarta", "ten e-mail",
    "questo messaggio", "le informazioni contenute", "questa e-mail", "avviso di riservatezza", "ai sensi del",
)  # fmt: skip
"""How the paragraph of a disclaimer begins."""

SCANNED: Final = (
    "virus-free", "libre de virus", "garanti sans virus", "virenfrei", "livre de vírus", "wolne od wirusów",
    "senza virus", "this email has been checked for viruses", "this email has been scanned", "checked by avg",
    "este correo electrónico ha sido comprobado", "cet e-mail a été vérifié", "diese e-mail wurde von avast",
    "este e-mail foi verificado", "ta wiadomość e-mail została sprawdzona", "questa e-mail è stata controllata",
    "www.avast.com", "www.avg.com",
)  # fmt: skip
"""How the lines begin that virus scanners add."""

SCANNERS: Final = (
    "avast", "avg", "norton", "kaspersky", "eset", "mcafee", "bitdefender", "sophos", "mimecast", "symantec", "defender",
)  # fmt: skip
"""Who adds them: one must be named."""

LIST_FOOTER: Final = (
    "you received this message because you are subscribed", "to unsubscribe from this group", "mailing list",
    "to unsubscribe", "se désabonner", "darse de baja", "abmelden", "cancelar inscrição", "wypisać się",
    "cancellarsi",
)  # fmt: skip

ANSWERS_BELOW: Final = (
    "see below", "answers below", "my answers below", "comments below", "responses below", "reply below",
    "replies below",
    "inline", "in line below", "in-line", "in red", "in blue", "in bold", "in green", "in caps below",
    "see my comments",
    "my comments", "below in", "answered below", "see notes below",
    "más abajo", "ver abajo", "en rojo", "en azul", "mis respuestas", "mis comentarios", "entre líneas",
    "ci-dessous", "en rouge", "en bleu", "mes réponses", "mes commentaires", "dans le texte",
    "siehe unten", "s u", "in rot", "in blau", "meine antworten", "im text", "weiter unten",
    "veja abaixo", "ver abaixo", "em vermelho", "em azul", "minhas respostas", "meus comentários",
    "poniżej", "na czerwono", "na niebiesko", "moje odpowiedzi", "w tekście",
    "vedi sotto", "di seguito", "in rosso", "in blu", "le mie risposte", "nel testo",
)  # fmt: skip
"""The writer says that new words stand inside the quoted ones."""

NO_HTML: Final = (
    "does not support html", "doesn't support html", "not support html", "html-capable", "html enabled",
    "html-enabled",
    "view this email in your browser", "this message contains html", "view the html version",
    "this is an html message",
    "your email client cannot read this", "su cliente de correo no admite", "ne prend pas en charge", "kein html",
)  # fmt: skip
"""A plain part that only says that there is an HTML part."""

BANNERS: Final = (
    "caution: this email originated", "caution: external", "caution: this message originated", "[external]",
    "external email", "external sender", "warning: this email originated", "you don't often get email from",
    "some people who received this message don't often get email", "achtung: externe e-mail",
    "attention : ce courriel", "precaución: este correo", "uwaga: wiadomość zewnętrzna", "attenzione: mail esterna",
)  # fmt: skip
"""How a paragraph begins that a mail system puts over a message."""

BANNER_WORDS: Final = (
    "outside", "organization", "organisation", "click", "links", "attachments", "recognize", "recognise", "sender",
    "learn why", "important", "absender", "anhänge", "expéditeur", "pièces jointes", "liens", "enlaces", "adjuntos",
    "remitente", "załącznik", "nadawc", "allegati", "mittente",
)  # fmt: skip
"""What such a paragraph speaks of; two of them must occur."""

SPEECH: Final = (
    " you ", " your ", " i ", " me ", " we ", " will ", " please ", " tú ", " te ", " yo ", " tu ", " vous ", " je ",
    " nous ", " du ", " dich ", " ich ", " wir ", " bitte ", " você ", " eu ", " nós ", " ty ", " ja ", " my ", " ci ",
    " io ", " noi ", " kids ",
)  # fmt: skip
"""Words of someone who speaks to someone, seldom in a signature."""

AUTO_SUBJECTS: Final = frozenset((
    "automatic reply", "automatic response", "auto reply", "autoreply", "auto-reply", "auto", "auto response",
    "out of office", "out of the office", "out of office autoreply", "out of office reply", "vacation", "vacation reply",
    "respuesta automática", "fuera de la oficina", "réponse automatique", "absence du bureau", "absent du bureau",
    "automatische antwort", "abwesenheit", "abwesenheitsnotiz", "abwesenheitsmeldung", "resposta automática",
    "ausência temporária", "odpowiedź automatyczna", "autoodpowiedź", "nieobecność", "risposta automatica",
    "fuori sede", "fuori ufficio",
))  # fmt: skip
"""The subject of an answer by a machine, or what stands before its colon."""

RECEIPT_SUBJECTS: Final = frozenset((
    "read", "not read", "gelesen", "ungelesen gelöscht", "lu", "non lu", "leído", "no leído", "lida", "letto", "letta",
    "przeczytano", "gelezen", "läst", "læst", "прочитано", "delivered", "relayed", "return receipt (displayed)",
    "return receipt", "lesebestätigung", "accusé de réception", "confirmación de lectura", "conferma di lettura",
))  # fmt: skip
"""What stands before the colon in the subject of a receipt that is no report (RFC 8098), as old programs send it."""

BOUNCE_SUBJECTS: Final = (
    "undeliver", "delivery status notification", "mail delivery failed", "returned mail", "delivery failure",
    "failure notice", "delivery has failed", "no se puede entregar", "non remis", "unzustellbar", "não entregue",
    "niedostarczona", "non recapitabile",
)  # fmt: skip
"""What the subject of a bounce says."""

FAILED: Final = (
    "could not be delivered", "couldn't be delivered", "couldn’t be delivered", "wasn't able to deliver", "was not able to deliver",
    "unable to deliver", "not been delivered", "undeliverable", "cannot be delivered", "can't be delivered", "did not reach",
    "permanent fatal errors", "this is a permanent error", "delivery to the following recipient", "delivery has failed",
    "delivery failed", "delivery failure", "returned to sender", "user unknown", "unknown user", "no such user",
    "does not exist", "address rejected", "mailbox unavailable", "mailbox is full", "mailbox full", "i've given up",
    "konnte nicht zugestellt werden", "nicht zustellbar", "fehler bei der zustellung", "no se ha podido entregar",
    "no se pudo entregar", "n'a pas pu être remis", "n’a pas pu être remis", "não pôde ser entregue", "não foi possível entregar",
    "non è stato possibile recapitare", "non può essere consegnato", "nie można dostarczyć", "nie została dostarczona",
)  # fmt: skip
"""What the text of a bounce says that is no report."""

DELAYED: Final = (
    "has been delayed", "delivery is delayed", "delivery delayed", "delivery status notification (delay)",
    "not yet been delivered", "has not been delivered yet", "will keep trying", "will continue to try", "will be retried",
    "still being attempted", "still trying", "delivery will continue", "warning: could not send", "warning: message",
    "do not need to resend", "no action is required on your part", "noch nicht zugestellt", "verzögert", "se ha retrasado",
    "seguirá intentando", "a été retardée", "est retardé", "foi adiada", "in ritardo", "opóźnion",
)  # fmt: skip
"""What the text of a notice of delay says."""

EXCUSES: Final = (
    "please excuse", "excuse my brevity", "excuse any typos", "bitte entschuldigen", "veuillez excuser", "disculpe",
    "por favor, perdone", "desculpe", "proszę wybaczyć", "scusate", "securely", "secure email",
)  # fmt: skip
"""What apps add to the line of the device."""
