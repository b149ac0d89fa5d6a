"""Words of money, as data."""

from __future__ import annotations

SIGNS = {"$": "", "£": "GBP", "€": "EUR", "₹": "INR", "₦": "NGN", "¥": "JPY"}
"""Signs of currency; the dollar is the family's own."""
BEFORE = frozenset("rs inr usd cad aud nzd gbp eur ngn zar us$ ca$ a$ nz$ c$ au$ r rupees ksh".split())
"""Words that name the currency before the figure (``Rs 2,250``, ``R1 200``)."""
AFTER = frozenset(
    "bucks buck quid dollars dollar dollers pounds pound euros euro rupees rupee usd cad aud nzd gbp eur inr zl zloty "
    "pesos rand naira squid smackers".split()
)
"""Words that name the currency after the figure (``60 bucks``)."""
ONE_OF = frozenset({"pound", "dollar", "euro", "buck", "quid"})
"""With "a" before it: one (``a pound``)."""
CURRENCIES = {
    **dict.fromkeys(("quid", "squid", "pound", "pounds", "gbp"), "GBP"),
    **dict.fromkeys(("euro", "euros", "eur"), "EUR"),
    **dict.fromkeys(("rs", "rupee", "rupees", "inr"), "INR"),
    **dict.fromkeys(("zl", "zloty"), "PLN"),
    **dict.fromkeys(("rand", "zar"), "ZAR"),
    **dict.fromkeys(("naira", "ngn"), "NGN"),
    **{code.lower(): code for code in ("USD", "CAD", "AUD", "NZD")},
}
SLANG = {"fiver": 5, "tenner": 10, "hundy": 100}
NOTES = frozenset({"twenty", "fifty", "ten", "hundred"})
"""With "a" before it and nothing after: a banknote (``a twenty``)."""
MULTIPLES = {"grand": 1000, "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "crore": 10_000_000}

CALLS = frozenset(
    "owe owes owed pay paid paying send cost costs costing half venmo zelle transfer fee fees price "
    "copay deposit bill total comes came was ws is are be extra another other share balance remaining quote quoted "
    "charge charged reimburse spent of the ur your my mine yours etransfer cashapp paypal bacs for about only just "
    "registration tuition subs sub contribution put cough chip front covered got need needs want wants thats that's its "
    "it's approx around to me at up makes a".split()
)
"""Words before a bare figure that make it a sum, in a passage about an expense."""
STRONG_CALLS = frozenset("owe owes owed pay paid cost costs fee fees price copay deposit bill costing".split())
"""Words before a bare figure that make it a sum anywhere."""
ABOUT_MONEY = frozenset(
    "owe owes pay paid cost costs fee fees copay deposit bill venmo zelle reimburse reimbursement price charge "
    "charged receipt receipts spent total share invoice refund balance cash transfer etransfer paypal cashapp "
    "tuition split".split()
)
HUNDREDS = {"hundred": 100, "hundo": 100, "thousand": 1000}
TENS = {
    word: 10 * n for n, word in enumerate("ten twenty thirty forty fifty sixty seventy eighty ninety".split(), 1)
} | {"fourty": 40}

YOU = frozenset("you u ya yous youse".split())
YOUR = frozenset("your ur yr yours u're ure urs".split())
SHARES = frozenset("half halves share part portion moiety bit haf 1/2 50% % percent".split())
OWES = frozenset("owe pay give send giv cover remit".split())
FROM = frozenset("from frm off fr".split())
STOPS = frozenset([*". ! ? ;".split(), "\n"])
"""Words that call a sum the reader's share, and signs that such words do not reach across."""
