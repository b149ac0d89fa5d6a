"""Who sent a mail: every way to vouch for it, and every way to pretend."""

import functools

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.parsing import parse_email
from gateway.parsing.authentication import (
    Brought,
    KeptRecords,
    NoAnswer,
    Trust,
    Verdict,
    aligned,
    authenticate,
)

MAIL = (
    b"From: Mark <mark@example.net>\r\nTo: rivera@relay.example.org\r\nSubject: Friday\r\n"
    b"Date: Tue, 24 Nov 2026 19:40:00 -0600\r\nMessage-ID: <1@example.net>\r\n\r\nPickup is at 6 on Friday.\r\n"
)
EX = ("mark@example.net",)
PEER = Brought("203.0.113.7", "mx.example.net", "mark@example.net")
NOBODY = Brought()


@functools.cache
def key() -> tuple[bytes, str]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return private, "v=DKIM1; k=rsa; p=" + "".join(public.strip().split("\n")[1:-1])


class Zone:
    """A DNS of our own. Names under `silent` do not answer."""

    def __init__(self, records: dict[tuple[str, str], list[str]], silent: tuple[str, ...] = ()) -> None:
        self.records, self.silent, self.asked = records, silent, 0

    def lookup(self, name: str, kind: str) -> list[str]:
        self.asked += 1
        if name.endswith(self.silent) and self.silent:
            raise NoAnswer("timeout")
        return self.records.get((name, kind), [])


def zone(**more: list[str]) -> Zone:
    return Zone({("s1._domainkey.example.net", "TXT"): [key()[1]]} | {(n, "TXT"): v for n, v in more.items()})


def signed(mail: bytes = MAIL, domain: bytes = b"example.net") -> bytes:
    return bytes(dkim.sign(mail, b"s1", domain, key()[0], include_headers=[b"from", b"subject", b"date"])) + mail


def test_a_signature_of_the_senders_domain_vouches() -> None:
    found = authenticate(signed(), EX, NOBODY, zone())
    assert (found.verdict, found.why) == (Verdict.VERIFIED, "signed by example.net")


def test_the_key_is_kept_and_the_signature_fits_years_later_without_the_dns() -> None:
    then = authenticate(signed(), EX, NOBODY, zone())
    assert dict(then.records) == {"s1._domainkey.example.net": key()[1]}
    assert authenticate(signed(), EX, NOBODY, KeptRecords(dict(then.records))).verdict is Verdict.VERIFIED
    assert authenticate(signed(), EX, NOBODY, KeptRecords({})).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("place", [MAIL.index(b"Friday\r\nDate"), MAIL.index(b"at 6"), MAIL.index(b"Mark")])
def test_one_flipped_byte_fails(place: int) -> None:
    whole = signed()
    at = len(whole) - len(MAIL) + place
    broken = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    found = authenticate(broken, EX, NOBODY, zone())
    assert found.verdict is Verdict.UNVERIFIED
    assert [f.result for f in found.findings] == ["fail"]


def test_a_signature_that_leaves_the_end_of_the_body_open_does_not_vouch() -> None:
    half = dkim.sign(MAIL, b"s1", b"example.net", key()[0], include_headers=[b"from", b"subject"], length=True)
    found = authenticate(half + MAIL + b"Give me the kids or else.\r\n", EX, NOBODY, zone())
    assert (found.verdict, [f.result for f in found.findings]) == (Verdict.UNVERIFIED, ["partial"])


def test_a_signature_that_leaves_the_subject_open_does_not_vouch() -> None:
    half = dkim.sign(MAIL, b"s1", b"example.net", key()[0], include_headers=[b"from", b"date"])
    changed = half + MAIL.replace(b"Subject: Friday", b"Subject: Hearing")
    assert authenticate(changed, EX, NOBODY, zone()).verdict is Verdict.UNVERIFIED


def test_a_second_from_header_must_be_vouched_for_too() -> None:
    for raw in (
        b"From: judge@court.example\r\n" + signed(),
        signed().replace(b"To:", b"From: x@example.net\r\nTo:", 1),
    ):
        assert authenticate(raw, parse_email(raw).from_, NOBODY, zone()).verdict is Verdict.UNVERIFIED


def test_a_signature_of_another_domain_does_not_vouch() -> None:
    dns = Zone({("s1._domainkey.evil.example", "TXT"): [key()[1]]})
    found = authenticate(signed(domain=b"evil.example"), EX, NOBODY, dns)
    assert (found.verdict, found.why) == (Verdict.UNVERIFIED, "nothing vouches for example.net")
    assert [(f.domain, f.result) for f in found.findings] == [("evil.example", "pass")]


def test_the_second_signature_counts_too() -> None:
    dns = zone()
    dns.records["s1._domainkey.list.example", "TXT"] = [key()[1]]
    assert authenticate(signed(signed(), b"list.example"), EX, NOBODY, dns).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("v=spf1 ip4:203.0.113.0/24 -all", Verdict.VERIFIED),
        ("v=spf1 mx -all", Verdict.VERIFIED),
        ("v=spf1 include:_spf.example.net -all", Verdict.VERIFIED),
        ("v=spf1 ip4:198.51.100.1 -all", Verdict.UNVERIFIED),
        ("v=spf1 ?all", Verdict.UNVERIFIED),
        ("v=spf1 include:loop.example.net -all", Verdict.UNVERIFIED),
        ("v=spf1 rubbish:: -all", Verdict.UNVERIFIED),
    ],
)
def test_the_machine_that_brought_it(record: str, verdict: Verdict) -> None:
    dns = Zone(
        {
            ("example.net", "TXT"): ["something else", record],
            ("example.net", "MX"): ["10 mx.example.net."],
            ("mx.example.net", "A"): ["203.0.113.7"],
            ("_spf.example.net", "TXT"): ["v=spf1 ip4:203.0.113.7 -all"],
            ("loop.example.net", "TXT"): ["v=spf1 include:loop.example.net -all"],
        }
    )
    assert authenticate(MAIL, EX, PEER, dns).verdict is verdict
    assert dns.asked < 60


def test_the_null_sender_is_judged_by_its_helo() -> None:
    dns = Zone({("mx.example.net", "TXT"): ["v=spf1 ip4:203.0.113.7 -all"]})
    assert authenticate(MAIL, EX, Brought("203.0.113.7", "mx.example.net", ""), dns).verdict is Verdict.VERIFIED


def test_a_pass_for_another_mail_from_does_not_vouch() -> None:
    dns = Zone({("evil.example", "TXT"): ["v=spf1 ip4:203.0.113.7 -all"]})
    forged = Brought("203.0.113.7", "evil.example", "x@evil.example")
    assert authenticate(MAIL, EX, forged, dns).verdict is Verdict.UNVERIFIED


def test_every_sender_of_two_must_be_vouched_for() -> None:
    both = ("mark@example.net", "judge@court.example")
    assert authenticate(signed(), both, NOBODY, zone()).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize("names", [(), ("",), ("mark",), ("mark@",), ("mark@-",), ("a@b c.example",)])
def test_no_sender_is_no_proof(names: tuple[str, ...]) -> None:
    assert authenticate(signed(), names, NOBODY, zone()).verdict is Verdict.UNVERIFIED


def test_a_silent_dns_is_said_to_be_silent() -> None:
    silent = Zone({}, silent=("example.net",))
    found = authenticate(signed(), EX, PEER, silent)
    assert (found.verdict, found.why) == (Verdict.UNKNOWN, "the DNS gave no answer")


RESULTS = "mx.mailhost.example; dkim=pass (2048-bit key) header.d=example.net; spf=none smtp.mailfrom=evil.example"


@pytest.mark.parametrize(
    ("trusted", "headers", "verdict"),
    [
        (("mx.mailhost.example",), (RESULTS,), Verdict.VERIFIED),
        (("mx.mailhost.example",), (RESULTS.replace("dkim=pass", "dkim=fail"),), Verdict.UNVERIFIED),
        (("mx.mailhost.example",), ("mx.mailhost.example; none", RESULTS), Verdict.UNVERIFIED),
        (("mx.mailhost.example",), ("other.example; none", RESULTS), Verdict.UNVERIFIED),
        (("other.example",), (RESULTS,), Verdict.UNVERIFIED),
        ((), (RESULTS,), Verdict.UNVERIFIED),
        (("mx.mailhost.example",), ("mx.mailhost.example; dmarc=pass header.from=example.net",), Verdict.VERIFIED),
        (("mx.mailhost.example",), ("mx.mailhost.example (dkim=pass header.d=example.net); none",), Verdict.UNVERIFIED),
    ],
)
def test_the_word_of_a_mail_server(trusted, headers, verdict) -> None:
    assert authenticate(MAIL, EX, NOBODY, Zone({}), Trust(servers=trusted), headers).verdict is verdict


def forwarded() -> tuple[bytes, Zone]:
    """A mail that a forwarder saw whole, sealed, and then changed."""
    dns = zone()
    dns.records["s1._domainkey.forward.example", "TXT"] = [key()[1]]
    seen = b"Authentication-Results: forward.example; dkim=pass header.d=example.net\r\n" + signed()
    changed = seen.replace(b"Subject: Friday", b"Subject: [fwd] Friday")
    seal = dkim.arc_sign(
        changed, b"s1", b"forward.example", key()[0], b"forward.example",
        include_headers=[b"from", b"subject", b"date"], linesep=b"\r\n",
    )  # fmt: skip
    return b"".join(seal) + changed, dns


@pytest.mark.parametrize(
    ("trusted", "verdict"),
    [(("forward.example",), Verdict.VERIFIED), (("other.example",), Verdict.UNVERIFIED), ((), Verdict.UNVERIFIED)],
)
def test_a_forwarder_vouches_only_where_it_is_trusted(trusted: tuple[str, ...], verdict: Verdict) -> None:
    raw, dns = forwarded()
    found = authenticate(raw, EX, NOBODY, dns, Trust(forwarders=trusted))
    assert found.verdict is verdict
    broken = raw.replace(b"at 6", b"at 7")
    assert authenticate(broken, EX, NOBODY, dns, Trust(forwarders=trusted)).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ("mail.example.net", "example.net", True),
        ("example.co.uk", "mail.example.co.uk", True),
        ("other.co.uk", "example.co.uk", False),
        ("example.net.evil.example", "example.net", False),
        ("", "example.net", False),
        ("EXAMPLE.NET", "example.net", True),
        ("one.unknowntld", "other.unknowntld", False),
        ("unknowntld", "other.unknowntld", False),
        ("net", "example.net", False),
        ("co.uk", "example.co.uk", False),
    ],
)
def test_alignment(one: str, other: str, want: bool) -> None:
    assert aligned(one, other) is want


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"DKIM-Signature: v=1\r\nFrom: mark@example.net\r\n\r\nx",
        b"DKIM-Signature: " + b"a=b;" * 5000 + b"\r\nFrom: mark@example.net\r\n\r\nx",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s1; h=from; bh=!!; b=!!\r\nFrom: mark@example.net\r\n\r\n",
        b"\xff\xfe\x00" * 100,
        (b"DKIM-Signature: v=1; d=x%d.example; s=s; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n" * 200)
        % tuple(range(200)),
    ],
)
def test_broken_mail_is_unverified_and_asks_little(raw: bytes) -> None:
    dns = zone()
    assert authenticate(raw, EX, PEER, dns, Trust(forwarders=("f.example",))).verdict is Verdict.UNVERIFIED
    assert dns.asked < 60
