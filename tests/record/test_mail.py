"""Signed mail in a bundle, checked with the kept key and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.record.verifier.mail import check_mail
from gateway.record.verifier.report import FAILED, PROVED, Report

NAME = "s1._domainkey.example.net"
MAIL = b"From: mark@example.net\r\nTo: r@relay.example.org\r\nSubject: Friday\r\nDate: Fri, 27 Nov 2026 10:00:00 -0600\r\n\r\nPickup is at 6 on Friday.\r\n"


@pytest.fixture(scope="module")
def signed() -> tuple[bytes, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    import base64

    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    return dkim.sign(MAIL, b"s1", b"example.net", pem) + MAIL, f"v=DKIM1; k=rsa; p={public}"


def checked(folder: Path, raw: bytes, records: dict[str, str]) -> Report:
    (folder / "native").mkdir(exist_ok=True)
    (folder / "native" / "000001.eml").write_bytes(raw)
    (folder / "dns.json").write_text(json.dumps({"1": {"domain": "example.net", "records": records}}))
    report = Report()
    check_mail(folder, [{"number": "1", "native": "native/000001.eml"}], report)
    return report


def test_a_signature_holds_under_the_kept_key(tmp_path: Path, signed: tuple[bytes, str]) -> None:
    raw, record = signed
    report = checked(tmp_path, raw, {NAME: record})
    assert report.failures == 0
    assert report.findings[0] == (PROVED, report.findings[0][1])


@pytest.mark.parametrize("at", [-3, -20, 700])
def test_a_flipped_byte_fails(tmp_path: Path, signed: tuple[bytes, str], at: int) -> None:
    raw = bytearray(signed[0])
    raw[at] ^= 1
    assert checked(tmp_path, bytes(raw), {NAME: signed[1]}).failures == 1


def test_without_the_key_or_with_another_it_fails(tmp_path: Path, signed: tuple[bytes, str]) -> None:
    raw, record = signed
    assert checked(tmp_path, raw, {}).failures == 1
    report = checked(tmp_path, raw, {NAME: record.replace("p=MIIBIjANBg", "p=MIIBIjANBh")})
    assert report.findings[0][0] == FAILED
    (tmp_path / "dns.json").write_text("[")
    broken = Report()
    check_mail(tmp_path, [], broken)
    assert broken.failures == 1
