"""Checks on who else may write, and how they are known: professionals by domain, children by their own addresses.

A wrong line here opens a door: a domain at which anybody can have an address would let everybody's mail through whole, and
a child's address in a domain of the other parent's would let them write unrecorded under the child's name.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.family.people import Family

FREE: Final = frozenset(
    "gmail googlemail outlook hotmail live msn yahoo ymail rocketmail icloud aol gmx protonmail fastmail yandex zoho "
    "tutanota tuta mailbox hushmail comcast verizon btinternet posteo rediffmail naver hanmail qq foxmail seznam libero laposte "
    "wanadoo bigpond sbcglobal bellsouth netzero talktalk virginmedia ntlworld blueyonder simplelogin mailfence yopmail".split()
)
FREE_NAMES: Final = frozenset(
    "me.com mac.com proton.me pm.me mail.com web.de hey.com mail.ru t-online.de orange.fr att.net cox.net charter.net sky.com "
    "free.fr sfr.fr freenet.de arcor.de aim.com duck.com mozmail.com passinbox.com privaterelay.appleid.com earthlink.net juno.com "
    "shaw.ca rogers.com sympatico.ca telus.net windstream.net frontier.com optonline.net spectrum.net optusnet.com.au tiscali.it virgilio.it "
    "uol.com.br bol.com.br terra.com.br 163.com 126.com sina.com daum.net bk.ru list.ru inbox.ru wp.pl o2.pl onet.pl interia.pl centrum.cz "
    "ukr.net inbox.lv bluewin.ch ziggo.nl startmail.com inbox.com runbox.com email.com usa.com post.com europe.com asia.com consultant.com "
    "engineer.com lawyer.com doctor.com dr.com teachers.org clerk.com accountant.com counsellor.com iname.com myself.com writeme.com "
    "onmicrosoft.com wordpress.com addy.io anonaddy.me mailinator.com guerrillamail.com".split()
)
"""Not every such domain can be listed: what is not here is for whoever writes the settings to know."""
_DOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


def normal_domain(value: str) -> str:
    """Lower case, without a leading @. Raises ValueError for what is no domain, or one that everybody shares."""
    text = value.strip().lower().removeprefix("@").rstrip(".")
    if not _DOMAIN.fullmatch(text) or len(text) > 253:
        raise ValueError("a domain, such as oakschool.example.org")
    if is_free_mail(text):
        raise ValueError("a domain of one institution; anybody can have an address there: list the address itself")
    if is_public_suffix(text):
        raise ValueError("a domain of one institution; this one is shared by many")
    return text


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there."""
    return domain in FREE_NAMES or domain.partition(".")[0] in FREE


def is_public_suffix(domain: str) -> bool:
    """Whether many institutions have their names below it (``co.uk``, ``k12.tx.us``)."""
    from publicsuffix2 import PublicSuffixList

    return bool(PublicSuffixList().get_tld(domain) == domain)


def check_voices(family: Family) -> None:
    """Raises ValueError where an entry of people or children opens a door."""
    for person in family.people:
        if person.domains and not person.is_professional:
            raise ValueError(
                f"{person.name}: domains are for the roles lawyer and professional; list the addresses of others"
            )
        for domain in person.domains:
            _check_domain(family, person.name, domain)
    _check_children(family)


def _check_domain(family: Family, name: str, domain: str) -> None:
    """Whoever has a second address in the domain would come through whole as the professional."""
    if any(_same(domain, a.address.rpartition("@")[2]) for a in family.coparent.emails):
        raise ValueError(
            f"{name}: the other parent has an address in {domain}, and may have others there; list the addresses of {name} themselves"
        )
    if domain == family.relay_email.rpartition("@")[2]:
        raise ValueError(f"{name}: {domain} is the relay's own domain; list the domain of the institution")


def _check_children(family: Family) -> None:
    own = [(child.name, a.address) for child in family.children for a in (*child.emails, *child.phones)]
    if not own:
        return
    others = {
        a.address
        for person in (family.parent, family.coparent, *family.people)
        for a in (*person.emails, *person.phones)
    } | {family.relay_email, family.relay_phone}
    twice = [address for address, count in Counter(a for _, a in own).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands for two children; each address must belong to one")
    theirs = {a.address.rpartition("@")[2] for a in family.coparent.emails}
    for name, address in own:
        domain = address.rpartition("@")[2]
        if address in others:
            raise ValueError(f"{address} stands for {name} and for somebody else; each address must belong to one")
        if "@" in address and not is_free_mail(domain) and any(_same(domain, d) for d in theirs):
            raise ValueError(
                f"{address}: whoever runs {domain} can write under {name}'s name, and the other parent has an address there; "
                "list a child's address elsewhere, or none"
            )
    if not family.parent.emails:
        raise ValueError(
            "a child has addresses: then the parent needs an email address to which it is handed over whole"
        )


def _same(domain: str, other: str) -> bool:
    from gateway.parsing.authentication import aligned

    return aligned(domain, other)
