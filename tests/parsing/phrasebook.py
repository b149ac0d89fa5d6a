"""Sentences of invented parents, and the words of mail programs, in seven languages, for the generated mailbox."""

from __future__ import annotations

from typing import Final

SENTENCES: Final = {
    "en": (
        "Mia has swimming on Friday at 4 pm, please bring her towel.",
        "I can take both of them on Saturday.",
        "The dentist is at 15:30 on 12 March.",
        "On Monday the teacher wrote: Leo did well in maths.",
        "No.",
        "From now on I pay the 40 dollars for the trip.",
        "Who picks her up: you or your mother?",
        "Sent the form to school yesterday.",
        "She needs her inhaler, it is in the blue bag.",
        "To: do list for Mia - shoes, coat, lunch.",
    ),
    "es": (
        "Mía tiene natación el viernes a las 16:00.",
        "El lunes escribió la maestra que todo va bien.",
        "¿Quién la recoge el sábado?",
        "De acuerdo, pago los 40 euros.",
        "Lleva la chaqueta azul, por favor.",
        "No puedo antes de las cinco.",
    ),
    "fr": (
        "Mia a piscine vendredi à 16 h.",
        "Le médecin a écrit une ordonnance pour Léo.",
        "Qui la récupère samedi ?",
        "D'accord, je paie les 40 euros.",
        "N'oublie pas son manteau bleu.",
        "À demain, devant l'école.",
    ),
    "de": (
        "Mia hat am Freitag um 16 Uhr Schwimmen.",
        "Am Montag schrieb die Lehrerin, dass alles gut läuft.",
        "Wer holt sie am Samstag ab?",
        "Gut, ich zahle die 40 Euro.",
        "Von mir aus gern, aber erst nach fünf.",
        "Bitte die blaue Jacke einpacken.",
    ),
    "pt": (
        "A Mia tem natação na sexta às 16h.",
        "A professora escreveu que está tudo bem.",
        "Quem a busca no sábado?",
        "De acordo, pago os 40 euros.",
        "Leva o casaco azul, por favor.",
        "Não posso antes das cinco.",
    ),
    "pl": (
        "Zosia ma basen w piątek o 16:00.",
        "W poniedziałek nauczycielka napisała, że wszystko dobrze.",
        "Kto ją odbierze w sobotę?",
        "Dobrze, zapłacę 40 euro.",
        "Do zobaczenia o piątej.",
        "Proszę spakować niebieską kurtkę.",
    ),
    "it": (
        "Mia ha nuoto venerdì alle 16.",
        "Lunedì la maestra ha scritto che va tutto bene.",
        "Chi la prende sabato?",
        "D'accordo, pago i 40 euro.",
        "Da domani lavoro fino alle cinque.",
        "Porta la giacca blu, per favore.",
    ),
}
NAME, ADDRESS = "Dana Tenner", "dana.tenner@example.net"
WHO: Final = f"{NAME} <{ADDRESS}>"

GMAIL: Final = {
    "en": f"On Mon, Mar 9, 2026 at 5:12\u202fPM {WHO} wrote:",
    "es": f"El lun, 9 mar 2026 a las 17:12, {NAME} (<{ADDRESS}>) escribió:",
    "fr": f"Le lun. 9 mars 2026 à 17:12, {WHO} a écrit :",
    "de": f"Am Mo., 9. März 2026 um 17:12 Uhr schrieb {WHO}:",
    "pt": f"Em seg., 9 de mar. de 2026 às 17:12, {WHO} escreveu:",
    "pl": f"pon., 9 mar 2026 o 17:12 {WHO} napisał(a):",
    "it": f"Il giorno lun 9 mar 2026 alle ore 17:12 {WHO} ha scritto:",
}
APPLE: Final = {
    "en": f"On Mar 9, 2026, at 5:12\u202fPM, {WHO} wrote:",
    "es": f"El 9 mar 2026, a las 17:12, {WHO} escribió:",
    "fr": f"Le 9 mars 2026 à 17:12, {WHO} a écrit :",
    "de": f"Am 09.03.2026 um 17:12 schrieb {WHO}:",
    "pt": f"No dia 9 de mar. de 2026, às 17:12, {WHO} escreveu:",
    "pl": f"Wiadomość napisana przez {WHO} w dniu 9 mar 2026, o godz. 17:12:",
    "it": f"Il giorno 9 mar 2026, alle ore 17:12, {WHO} ha scritto:",
}
BIRD: Final = {
    "en": f"On 09/03/2026 17:12, {NAME} wrote:",
    "es": f"El 9/3/26 a las 17:12, {NAME} escribió:",
    "fr": f"Le 09/03/2026 à 17:12, {NAME} a écrit :",
    "de": f"Am 09.03.26 um 17:12 schrieb {NAME}:",
    "pt": f"Em 09/03/2026 17:12, {NAME} escreveu:",
    "pl": f"W dniu 9.03.2026 o 17:12, {NAME} pisze:",
    "it": f"Il 09/03/26 17:12, {NAME} ha scritto:",
}
HEADS: Final = {
    "en": ("From", "Sent", "Monday, March 9, 2026 5:12 PM", "To", "Subject"),
    "es": ("De", "Enviado", "lunes, 9 de marzo de 2026 17:12", "Para", "Asunto"),
    "fr": ("De", "Envoyé", "lundi 9 mars 2026 17:12", "À", "Objet"),
    "de": ("Von", "Gesendet", "Montag, 9. März 2026 17:12", "An", "Betreff"),
    "pt": ("De", "Enviado", "segunda-feira, 9 de março de 2026 17:12", "Para", "Assunto"),
    "pl": ("Od", "Wysłane", "poniedziałek, 9 marca 2026 17:12", "Do", "Temat"),
    "it": ("Da", "Inviato", "lunedì 9 marzo 2026 17:12", "A", "Oggetto"),
}
ORIGINAL: Final = {
    "en": "Original Message", "es": "Mensaje original", "fr": "Message d'origine", "de": "Ursprüngliche Nachricht",
    "pt": "Mensagem original", "pl": "Wiadomość oryginalna", "it": "Messaggio originale",
}  # fmt: skip
IPHONE: Final = {
    "en": "Sent from my iPhone", "es": "Enviado desde mi iPhone", "fr": "Envoyé de mon iPhone",
    "de": "Von meinem iPhone gesendet", "pt": "Enviado do meu iPhone", "pl": "Wysłane z iPhone'a", "it": "Inviato da iPhone",
}  # fmt: skip
GALAXY: Final = {
    "en": "Sent from my Galaxy", "es": "Enviado desde mi Galaxy", "fr": "Envoyé depuis mon appareil Galaxy",
    "de": "Von meinem Galaxy gesendet", "pt": "Enviado do meu Galaxy", "pl": "Wysłane z urządzenia Galaxy",
    "it": "Inviato dal mio Galaxy",
}  # fmt: skip
OUTLOOK_FOR: Final = {
    "en": "Get Outlook for {}", "es": "Obtener Outlook para {}", "fr": "Télécharger Outlook pour {}",
    "de": "Holen Sie sich Outlook für {}", "pt": "Obter o Outlook para {}", "pl": "Pobierz aplikację Outlook dla systemu {}",
    "it": "Scarica Outlook per {}",
}  # fmt: skip
