"""Questions: whether a fact asks the other parent for something, and by when an answer is wanted."""

from __future__ import annotations

from gateway.tagging.facts.mentions import Mentions
from gateway.tagging.facts.stretch import Stretch
from gateway.tagging.facts.when import When, read_when
from gateway.tagging.facts.words import Text, ends_sentence, text_at

REQUESTS = (
    "please",
    "pls",
    "plz",
    "kindly",
    "can you",
    "can u",
    "could you",
    "could u",
    "would you",
    "will you",
    "will u",
    "can we",
    "can i",
    "could i",
    "could we",
    "may i",
    "need you to",
    "need u to",
    "want you to",
    "you need to",
    "u need to",
    "you have to",
    "do you",
    "are you",
    "have you",
    "any chance",
    "is it ok",
    "is that ok",
    "would it be possible",
    "do you mind",
    "would you mind",
    "make sure",
    "don't forget",
    "dont forget",
    "remember to",
)
ANSWERS = (
    "let me know",
    "lmk",
    "confirm",
    "tell me",
    "text me",
    "email me",
    "message me",
    "get back to me",
    "reply",
    "respond",
    "answer",
    "say yes",
    "yes or no",
    "need to know",
    "want to know",
    "rsvp",
    "your ok",
    "your okay",
    "need an answer",
    "need your answer",
    "hear from you",
    "if you object",
)
IMPERATIVES = frozenset(
    "send bring pack give put get pick drop call ring sign return check wash charge pay make take let tell confirm "
    "text email reply venmo transfer meet ask keep remind fill come grab hand leave collect remember".split()
)
_BY_FIRST_WORD: dict[str, list[tuple[str, ...]]] = {}
for _phrase in ANSWERS:
    _BY_FIRST_WORD.setdefault(_phrase.split()[0], []).append(tuple(_phrase.split()))
REACH = 30
"""Words after the asking in which its deadline is looked for."""
DEADLINES = frozenset({"by", "before", "until", "till", "til", "no"})


def asks(words: Text, first: int, last: int) -> bool:
    """Whether the words ask for something: a question mark, a request, or a sentence that begins with an order."""
    if any(text_at(words, k) == "?" for k in range(first, last)):
        return True
    said = " " + " ".join(w.text for w in words[first:last]) + " "
    if any(f" {phrase} " in said for phrase in (*REQUESTS, *ANSWERS)):
        return True
    starts = [
        first,
        *(k + 1 for k in range(first, last - 1) if ends_sentence(words, k) or text_at(words, k) in (",", "so")),
    ]
    skips = ("and", "so", "then", "also", "just", "but")
    return any(text_at(words, k + (text_at(words, k) in skips)) in IMPERATIVES for k in starts)


def answer_by(mentions: Mentions, first: int, last: int, earlier: When | None) -> When | None:
    """The date by which an answer is asked for: ``let me know by Friday``."""
    words = mentions.words
    for k in range(first, last):
        phrases = _BY_FIRST_WORD.get(words[k].text, ())
        if not any(all(text_at(words, k + n) == w for n, w in enumerate(phrase)) for phrase in phrases):
            continue
        reach = min(last, k + REACH)
        end = next((m for m in range(k, reach) if ends_sentence(words, m)), reach)
        for m in range(k, end):
            if words[m].text in DEADLINES or words[m].text in ("tonight", "today", "tomorrow"):
                found = read_when(mentions, Stretch(m, end), earlier.date if earlier else None)
                if found:
                    return found
    return None
