"""A mailbox of replies as some twenty mail programs write them, with what is new in each known beforehand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.parsing.phrasebook import ADDRESS, SENTENCES
from tests.parsing.programs import INTERLEAVES, PROGRAMS, Draft, gmail, thunderbird, thunderbird_html


@dataclass(frozen=True, slots=True)
class Letter:
    """A raw message of a program, with the sentences that are new and those that are old."""

    program: str
    raw: bytes
    new: tuple[str, ...]
    old: tuple[str, ...]


def letters(count: int, seed: int = 1) -> Iterator[Letter]:
    """`count` messages, the programs and languages in turn."""
    rng = random.Random(seed)
    languages = sorted(SENTENCES)
    for i in range(count):
        program = PROGRAMS[i % len(PROGRAMS)]
        language = languages[i // len(PROGRAMS) % len(languages)]
        pool = rng.sample(SENTENCES[language], 6)
        if program in INTERLEAVES and rng.random() < 0.4:
            new, between = tuple(pool[:1]), tuple(pool[1:3])
        else:
            new, between = tuple(pool[: rng.randint(1, 3)]), ()
        plain, rich = program(Draft(language, new, tuple(pool[3:]), between))
        if between and program in (thunderbird, thunderbird_html):
            new = ()
        written = (*new, *between) if program is gmail else (*between, *new)
        yield Letter(program.__name__, _message(plain, rich, i), written, tuple(pool[3:]))


def _message(plain: str, rich: str | None, number: int) -> bytes:
    head = (
        f"From: Ralf Tenner <ralf.tenner@example.org>\nTo: {ADDRESS}\nSubject: Re: Plan\nMessage-ID: <g{number}@example.org>\n"
        "Date: Tue, 10 Mar 2026 18:04:11 -0500\nIn-Reply-To: <plan@example.net>\nMIME-Version: 1.0\n"
    )
    if rich is None:
        text = f"{head}Content-Type: text/plain; charset=utf-8\n\n{plain}\n"
    elif not plain:
        text = f"{head}Content-Type: text/html; charset=utf-8\n\n{rich}\n"
    else:
        text = (
            f'{head}Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n'
            f"{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{rich}\n--b--\n"
        )
    return text.replace("\n", "\r\n").encode()
