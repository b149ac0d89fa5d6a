"""The DNS records of a relay domain: what is printed to copy, and what is said of those that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from gateway.cli import app
from gateway.dns_records import Domain, Record, judge, policy_id, policy_text, records
from gateway.doctor import examine
from gateway.doctor.records import look, to_copy
from gateway.doctor.texts import registration
from gateway.errors import SettingsError
from gateway.settings import load
from gateway.web.pages.policy import PolicyPage
from tests.family.test_settings import made
from tests.parsing.test_authentication import Zone

NAME = "relay.example.org"
FULL = Domain(
    NAME,
    ("mx1.example.org", "mx2.example.org"),
    "smtp.provider.example",
    ("breakwater", "AAAB"),
    "enforce",
    "post@example.org",
)


def of(what: str, domain: Domain = FULL) -> Record:
    return next(record for record in records(domain) if record.what == what)


def test_all_of_them_as_they_are_published() -> None:
    assert [(r.name, r.kind, r.value) for r in records(FULL)] == [
        (NAME, "MX", "10 mx1.example.org."),
        (NAME, "MX", "10 mx2.example.org."),
        (NAME, "TXT", "v=spf1 mx a:smtp.provider.example -all"),
        (f"breakwater._domainkey.{NAME}", "TXT", "v=DKIM1; k=rsa; p=AAAB"),
        (f"_dmarc.{NAME}", "TXT", "v=DMARC1; p=quarantine; rua=mailto:post@example.org"),
        (f"_mta-sts.{NAME}", "TXT", f"v=STSv1; id={policy_id('enforce', FULL.mx)}"),
        (f"_smtp._tls.{NAME}", "TXT", "v=TLSRPTv1; rua=mailto:post@example.org"),
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.168.1.4", "[::1]", "mx1.example.org"])
def test_a_smart_host_on_this_machine_needs_no_word_in_spf(host: str) -> None:
    assert of("SPF", Domain(NAME, ("mx1.example.org",), host, None)).value == "v=spf1 mx -all"


def test_the_policy_and_its_number() -> None:
    text = "version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 604800\r\n"
    assert policy_text("testing", ("mx.example.org",)) == text
    assert policy_id("testing", ("a.org",)) != policy_id("enforce", ("a.org",))
    assert policy_id("testing", ("a.org",)).isalnum()
    assert len(policy_id("testing", ("a.org",))) <= 32


@pytest.mark.parametrize(
    ("what", "there", "good", "said"),
    [
        ("MX", [], False, "there is none"),
        ("MX", ["10 MX1.example.org"], True, "names mx1.example.org"),
        ("MX", ["10 mail.provider.example"], None, "names mail.provider.example, not mx1.example.org"),
        ("SPF", ["google-site-verification=x"], False, "there is none"),
        ("SPF", ["v=spf1 include:x.org ~all"], True, "it is there"),
        ("SPF", ["v=spf1 mx -all", "v=spf1 a -all"], False, "there are two"),
        ("SPF", ["v=spf1 +all"], False, "lets everybody send"),
        ("SPF", ["v=spf1 mx"], None, "forbids nothing"),
        ("DKIM", [], False, "there is none"),
        ("DKIM", ["v=DKIM1; k=rsa; p=AA AB"], True, "our key"),
        ("DKIM", ["v=DKIM1; p=AAAC"], False, "another key"),
        ("DMARC", ["v=DMARC1; p=none"], None, "only watches"),
        ("DMARC", ["v=DMARC1; p=reject"], True, "p=reject"),
        ("DMARC", ["v=DMARC1;p=reject", "v=DMARC1; p=none"], False, "there are two"),
        ("MTA-STS", [], None, "there is none"),
        ("MTA-STS", ["v=STSv1; id=1"], None, "differs"),
        ("TLS-RPT", ["v=TLSRPTv1; rua=mailto:post@example.org"], True, "it is there"),
    ],
)
def test_what_is_there_is_judged(what: str, there: list[str], good: bool | None, said: str) -> None:
    found = judge(of(what), there)
    assert found[0] is good
    assert said in found[1]


def home(folder: Path, more: str = "") -> Path:
    file = made(folder)
    text = file.read_text(encoding="utf8").replace(
        "[mail_out] ",
        '[mail_in]\nmx = ["mx.example.org"]\nmta_sts = "enforce"\nreports_to = "post@example.org"\n\n[mail_out] ',
    )
    file.write_text(text + more, encoding="utf8")
    return folder


def test_the_doctor_looks_at_each_and_says_what_to_publish(tmp_path: Path) -> None:
    settings = load(home(tmp_path))
    lines = list(to_copy(settings))
    key = next(line for line in lines if "_domainkey" in line)
    assert all(len(piece) <= 255 for piece in key.split('"')[1::2])
    value = "".join(key.split('"')[1::2])
    zone = Zone(
        {(f"breakwater._domainkey.{NAME}", "TXT"): [value], (NAME, "MX"): ["10 mx.example.org"]},
        silent=("_tls." + NAME,),
    )
    found = {f.what.partition(" ")[0]: f for f in look(settings, zone)}
    assert {name: f.good for name, f in found.items()} == {
        "MX": True, "SPF": False, "DKIM": True, "DMARC": False, "MTA-STS": None, "TLS-RPT": None,
    }  # fmt: skip
    assert found["SPF"].said == f'there is none; publish: {NAME} TXT "v=spf1 mx -all"'
    assert found["TLS-RPT"].said == "the DNS does not answer now"


def test_printing_asks_nobody(tmp_path: Path) -> None:
    out = CliRunner().invoke(app, ["doctor", "--dns", "--dir", str(home(tmp_path))])
    assert out.exit_code == 0
    for part in (
        "v=spf1",
        "v=DKIM1",
        "v=DMARC1",
        "  MX  10 mx.example.org.",
        "v=STSv1",
        "v=TLSRPTv1",
        "mode: enforce",
        "mta-sts.txt",
    ):
        assert part in out.output


def test_where_the_dns_may_not_be_asked_it_is_not(tmp_path: Path) -> None:
    home(tmp_path)
    file = tmp_path / "breakwater.toml"
    file.write_text(file.read_text(encoding="utf8").replace("check = true ", "check = false "), encoding="utf8")
    (found,) = [f for f in examine(load(tmp_path)) if f.what == "DNS records"]
    assert found.good is None
    assert "not asked" in found.said


def test_the_policy_is_served_under_its_own_name_alone(tmp_path: Path) -> None:
    settings = load(home(tmp_path))
    page = PolicyPage(settings, settings.families_by_address())
    client = TestClient(Starlette(routes=page.routes()))
    answer = client.get("/.well-known/mta-sts.txt", headers={"host": f"mta-sts.{NAME}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text == policy_text("enforce", ("mx.example.org",))
    assert client.get("/.well-known/mta-sts.txt", headers={"host": NAME}).status_code == 404
    off_settings = load(made(tmp_path / "off").parent)
    off = PolicyPage(off_settings, off_settings.families_by_address())
    assert off.routes() == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+15550100777", "10DLC"),
        ("+18885550123", "toll-free verification"),
        ("+447700900123", "other countries have rules"),
    ],
)
def test_what_a_number_needs_is_said_in_plain_words(tmp_path: Path, number: str, said: str) -> None:
    settings = load(made(tmp_path, relay_phone=number, parent_phone="+15550100123").parent)
    assert said in registration(settings).said


@pytest.mark.parametrize(
    ("line", "said"),
    [('mx = ["mx"]', "the name of a mail server, such as mx.example.org"), ('mta_sts = "on"', "should be 'off', 'testing' or 'enforce'"),
     ('reports_to = "post"', "an email address")],
)  # fmt: skip
def test_mistakes_are_explained(tmp_path: Path, line: str, said: str) -> None:
    file = made(tmp_path)
    file.write_text(
        file.read_text(encoding="utf8").replace("[mail_out] ", f"[mail_in]\n{line}\n\n[mail_out] "), encoding="utf8"
    )
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert said in str(caught.value)
