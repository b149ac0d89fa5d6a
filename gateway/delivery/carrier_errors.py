"""Why a text did not arrive, in plain words, by the carrier's error code. Pure.

Source: Twilio's error and warning dictionary (www.twilio.com/docs/api/errors), codes 21xxx (refused at once) and 30xxx (reported
later). Whose turn it is then: the parent's (look at the phone), or that of whoever runs Breakwater (an account, a registration).
"""

from __future__ import annotations

from typing import Final

PHONE: Final = {
    "21211": "the number is not a phone number; correct it in the settings",
    "21217": "the number is not a phone number; correct it in the settings",
    "21610": "the word STOP came from that phone; texts go again once START is sent from it to the relay number",
    "21614": "the number cannot get texts; it may be a landline",
    "30003": "the phone cannot be reached; it may be switched off, without signal, or abroad",
    "30004": "the phone, or its phone company, blocks texts of the relay number",
    "30005": "the phone company does not know the number, or it is not in use any more",
    "30006": "the number is a landline, or its phone company cannot be reached",
    "30008": "the phone company does not say why",
    "30036": "the phone could not be reached for too long",
}
OPERATOR: Final = {
    "20003": "the account at the text carrier is not logged in to, or closed",
    "21408": "the account at the text carrier may not send texts to that country",
    "21606": "the relay number cannot send texts",
    "21608": "the account at the text carrier is on trial and sends only to numbers that it has verified",
    "21612": "the carrier has no way from the relay number to that number",
    "21617": "the text is too long",
    "30001": "too many texts wait at the text carrier",
    "30002": "the account at the text carrier is suspended",
    "30007": "the phone company took it for spam and filtered it",
    "30010": "the text costs more than the account allows",
    "30017": "the phone company's network is overloaded",
    "30019": "the text is too large for the phone company",
    "30022": "more texts were sent at once than the registration of the relay number allows (10DLC)",
    "30023": "more texts were sent today than the registration of the relay number allows (10DLC)",
    "30032": "the toll-free relay number has not been verified",
    "30034": "the relay number is not registered for texts in the US (10DLC)",
    "30035": "the registration of the relay number for texts in the US (10DLC) is not ready yet",
    "30450": "the carrier blocks texts to that country, since they are often a fraud",
}
TELL_OPERATOR: Final = "; whoever runs Breakwater can mend that"
REFUSED, UNSAID = "the text carrier refused it (error {code})", "the text carrier does not say why"
OPTED_OUT: Final = "21610"


def why(code: str | int | None) -> str:
    """A clause without a full stop. `code`: the carrier's, None where it gave none."""
    text = str(code or "")
    if text in PHONE:
        return PHONE[text]
    if text in OPERATOR:
        return OPERATOR[text] + TELL_OPERATOR
    return REFUSED.format(code=text) if text.isdigit() else UNSAID
