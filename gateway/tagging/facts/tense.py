"""Tense: whether the words around a day or time look back ("gave", "since") or ahead ("due", "until", "will").

The nearest telling word before it in the same clause decides, else the nearest after it. English needs only a short
list of irregular verbs and the ending -ed. A dose or a fever without a verb ("Tylenol 5 ml at 2") is a report.
"""

from __future__ import annotations

from enum import Enum

from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.words import Text, ends_sentence, text_at


class Tense(Enum):
    """Where the words look."""

    BACK = "back"
    AHEAD = "ahead"
    OPEN = "they do not say"


BACK = frozenset(
    "gave given givn gve had has've did was were ws took threw ate slept fell hit cried woke went lost forgot came saw "
    "missed said sed told paid bought brought broke since ago last died ran been sent wrote spent drank felt hurt made "
    "kept knew grew wore stung bit caught puked barfed refused found spoke rang thought vomited wasn't weren't didn't "
    "hadn't couldn't wouldnt didnt wasnt gotten heard began swallowed left ended started spewed chucked ddnt "
    "done finished dropped picked noticed tested weighed dosed rode drove sang swam bled tore blew stood taught shook slid hid "
    "stole froze sneezed grazed".split()
)
AHEAD = frozenset(
    "will 'll gonna going can could need needs needed please pls plz should must shall may might want wants due by until "
    "till til next for to is are starts begins leaves opens closes ends let confirm bring send i'll we'll he'll "
    "she'll they'll it'll you'll ill il i'm im he's she's it's there's they're we're you're gotta expires expire before "
    "from won't wont can't cant do does don't dont if would youll shell well theyll ok okay free instead come comes "
    "scheduled booked arranged set pushed moved confirmed rescheduled planned pencilled lined goes go gets get take takes "
    "reach arrive arriving pick collect drop stays stay has'nt hasn't hand be works again start finish finishes meet join call calls doing doin having havin".split()
)
NO_VERBS_IN_ED = frozenset(
    "changed need bed red fed shed wed speed feed seed indeed tired worried excited supposed allowed invited expected closed "
    "cancelled canceled scheduled booked moved refixed fixed rearranged rebooked suspended postponed added packed signed needed combined naked required shared reduced limited "
    "arranged rescheduled pencilled planned confirmed delayed sacred hundred kindred reed breed agreed".split()
)
NO_VERB_AFTER = frozenset(
    "the a an his her my your their no get gets getting gettin be is are being being's both some was'nt to".split()
)
REPORTS = frozenset(
    "calpol tylenol advil motrin panadol panado nurofen ibuprofen paracetamol crocin benadryl zyrtec amoxicillin "
    "salbutamol ventolin inhaler prelone temp temperature fever epipen tempra dose puffs ml mls mg claritin "
    "puffer antibiotic neurofen tixylix piriton cetirizine loratadine pain".split()
)
NOT_YET = frozenset("next appointment appt due then checkup review before".split())
REACH = 12
"""Words searched on each side."""


def tense_at(words: Text, first: int, last: int, stretch: Stretch) -> Tense:
    """Where the words around ``first`` up to ``last`` look, as far as `stretch` tells."""
    before = tense_before(words, first, stretch)
    if before is Tense.BACK and _is_possession(words, first, last, stretch):
        return Tense.OPEN
    if before is not Tense.OPEN:
        return before
    for k in range(last, min(stretch.last, last + REACH)):
        if ends_sentence(words, k) or text_at(words, k) in ("so", "and", "but", "n"):
            break
        verdict = _tells(words, k)
        if verdict is not None:
            return verdict
    return Tense.OPEN


def tense_before(words: Text, first: int, stretch: Stretch) -> Tense:
    """Where the words before `first` look. "Until" looks ahead unless what it limits lies behind ("slept until")."""
    found = Tense.OPEN
    for k in range(first - 1, max(stretch.first, first - REACH) - 1, -1):
        if ends_sentence(words, k) or (words[k].text == "so" and text_at(words, k - 1) == ","):
            break
        verdict = _tells(words, k)
        if verdict is Tense.BACK and words[k].text in ASKING and _leads_on(words, k, first):
            verdict = None if words[k].text != "asked" else Tense.AHEAD
        if found is Tense.AHEAD and (words[k].text == "," or verdict is Tense.AHEAD):
            return found
        if words[k].text in UNTIL or (words[k].text == "by" and k == first - 1):
            found = Tense.AHEAD
        elif words[k].text in BESIDE and k < first - 2:
            continue
        elif found is Tense.AHEAD and words[k].text in LASTED and k > first - 8:
            return Tense.BACK
        elif verdict is not None and found is Tense.OPEN:
            return verdict
    return found


def _is_possession(words: Text, first: int, last: int, stretch: Stretch) -> bool:
    """``got a half day Thursday out at 11.50``: has one, since it comes with its hour; not ``got a shot Friday``."""
    for k in range(first - 1, max(stretch.first, first - REACH) - 1, -1):
        if words[k].text in BACK and words[k].text != "got":
            return False
        if words[k].text == "got":
            hours = range(first, min(stretch.last, last + 4))
            return text_at(words, k + 1) in ("a", "an") and any(words[m].is_number for m in hours)
    return False


def _is_appointed(words: Text, k: int) -> bool:
    """``been given an appointment on Saturday``: told of before, and still to come; not ``been given paracetamol``."""
    k += text_at(words, k) == "been"
    return text_at(words, k) == "given" and any(text_at(words, m) in APPOINTED for m in range(k + 1, k + 5))


def _leads_on(words: Text, k: int, first: int) -> bool:
    """``asked Priya to sit Thursday``, ``picked for the team on Sunday``: what follows the verb is still to come."""
    for m in range(k + 1, min(k + 6, first)):
        if words[m].text in ("to", "if") or (words[m].text == "for" and words[k].text != "asked"):
            return m < first - 1 or words[m].text == "if"
    return False


LASTED = frozenset("slept was were stayed had ws lasted napped didn't played kept worked".split())
DID = frozenset("did didn't didnt couldn't couldnt never".split())
GOT_BACK = frozenset("home hurt stung bitten sick back up hit sent wet burnt lost told a bitten".split())
MOVED = frozenset("moved changed pushed bumped switched cancelled canceled shifted rescheduled".split())
BESIDE = frozenset({"to", "for", "from", "by", "before", "next"})
"""Words that look ahead only directly before the day or time."""
UNTIL = frozenset({"until", "till", "til", "untill", "thru"})


def is_report(words: Text, first: int, stretch: Stretch) -> bool:
    """Whether words before `first` in its clause name a medicine, dose or fever and nothing that is still to come."""
    near = {words[k].text for k in range(max(stretch.first, first - 5), first)}
    fever = any(words[k].is_number and _is_fever(words[k].text) for k in range(max(stretch.first, first - 3), first))
    return (fever or bool(near & REPORTS)) and not near & NOT_YET


def _is_caused(words: Text, k: int) -> bool:
    """``has her braces adjusted``, ``gets his ear tubes checked``."""
    for m in range(k - 2, max(k - 6, -1), -1):
        if ends_sentence(words, m) or text_at(words, m) == ",":
            return False
        if words[m].text in CAUSED:
            return text_at(words, m + 1) in OWNED
    return False


def _is_told(words: Text, k: int) -> bool:
    """``last dose was Friday``, ``last one 7 am``: it has been; ``last dose Tuesday`` is still to come."""
    return text_at(words, k) in ("was", "at") or text_at(words, k)[:1].isdigit()


def _is_fever(text: str) -> bool:
    whole, _, rest = text.partition(".")
    return whole in FEVERS and len(rest) == 1


FEVERS = frozenset(str(n) for n in (*range(35, 43), *range(97, 107)))


APPOINTED = frozenset("appointment appt appointments slot date place spot".split())
"""What somebody is given for a day to come."""
PASSIVE = frozenset("be being been get gets getting need needs needed is are will needing".split())
CAUSED = frozenset("gets get getting has have having needs need want wants".split())
"""``has her braces adjusted Wednesday``: what somebody has done to them lies ahead."""
OWNED = frozenset("his her their the my our your a an him them".split())
ASKING = frozenset(
    "asked told invited picked chosen enrolled registered wanted offered promised agreed signed hired bought paid ordered "
    "wrote texted emailed called booked".split()
)
"""Verbs of the past that tell nothing of when: what is asked, agreed or paid for comes later."""
LAST_OF = frozenset("dose day session class game lesson one exam practice practise".split())
GIVEN = frozenset({"it", "him", "her", "them", "the", "his", "that", "this", "my"})


def _tells(words: Text, k: int) -> Tense | None:
    text = words[k].text
    if text in BACK and text_at(words, k - 1) in ("be", "get", "gets", "being") and text not in ("did", "was", "were"):
        return None
    if text in ("been", "given") and _is_appointed(words, k):
        return None
    if text == "been" and (text_at(words, k + 1) in ASKING or text_at(words, k + 1) in NO_VERBS_IN_ED):
        return None
    if text == "put" and text_at(words, k - 1) in ("i", "we"):
        return Tense.BACK
    if text == "last" and text_at(words, k + 1) in LAST_OF and not _is_told(words, k + 2):
        return None
    if text == "changed" and text_at(words, k + 1) in GIVEN and text_at(words, k + 2) != "to":
        return Tense.BACK
    if text == "signed" and (
        text_at(words, k + 1) in GIVEN or text_at(words, k - 1) in ("i", "he", "she", "we", "they")
    ):
        return Tense.BACK
    if len(text) > 4 and text.endswith("ed") and _is_caused(words, k):
        return None
    if text == "got" and text_at(words, k + 1) not in GOT_BACK:
        return None if text_at(words, k + 1) not in MOVED else Tense.AHEAD
    if text in ("got", "left"):
        before = text_at(words, k - 1)
        has = before in ("have", "has", "ive", "weve", "u", "you", "i've") or "'" in before
        has = has or (text == "got" and before.endswith("s"))
        return Tense.AHEAD if has or text_at(words, k + 1) in MOVED else Tense.BACK
    if text in BACK:
        return None if text.endswith("ed") and text_at(words, k - 1) in NO_VERB_AFTER else Tense.BACK
    if text in AHEAD:
        return Tense.BACK if text_at(words, k - 1) in DID else Tense.AHEAD
    if len(text) > 4 and text.endswith("ed") and text not in NO_VERBS_IN_ED:
        return None if text_at(words, k - 1) in NO_VERB_AFTER else Tense.BACK
    return None
