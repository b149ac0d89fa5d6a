"""A mistake in the settings file is reported with the file, the key, what was found and what would be right."""

from datetime import date, datetime
from pathlib import Path

import pytest

from gateway.errors import SettingsError, UserError
from gateway.family import Directory, Role
from gateway.settings import load
from gateway.setup import QUESTIONS, asker, create, gather, read_children, read_hours

ANSWERS = {
    "parent_name": "Dana",
    "parent_email": "dana@example.org",
    "coparent_name": 'Mark "M" \\ Ünal',
    "coparent_email": "mark@example.net",
    "children": "Emma: Em, Emmy; Noah",
    "time_zone": "America/Chicago",
    "relay_email": "Rivera@relay.example.org",
    "deliver": "8:00, 18:30",
    "safety_name": "Ruth",
    "safety_email": "ruth@example.org",
}


def made(folder: Path, **changes: str) -> Path:
    create(folder, gather(ANSWERS | changes, None))
    return folder / "breakwater.toml"


def test_init_writes_a_file_that_can_be_read(tmp_path: Path) -> None:
    made(tmp_path / "family")
    (family,) = load(tmp_path / "family").families
    assert (family.coparent.name, family.relay_email) == ('Mark "M" \\ Ünal', "rivera@relay.example.org")
    assert [(c.name, c.nicknames) for c in family.children] == [("Emma", ("Em", "Emmy")), ("Noah", ())]
    assert [h.isoformat() for h in family.deliver] == ["08:00:00", "18:30:00"]
    assert [p.name for p in family.safety_contacts()] == ["Ruth"]
    assert (tmp_path / "family" / "data" / "dkim.pem").stat().st_mode & 0o777 == 0o600


def test_init_says_that_it_is_no_emergency_service(tmp_path: Path) -> None:
    file = made(tmp_path, country="gb")
    assert "Breakwater is not an emergency service." in " ".join(file.read_text("utf8").replace("#", "").split())
    (family,) = load(tmp_path).families
    assert (family.country, family.lives_in) == ("GB", "GB")
    assert family.alarms.repeat_minutes == (10, 30, 60)
    assert load(Path(made(tmp_path / "other").parent)).families[0].lives_in == "US"  # the country of the zone


def test_init_never_overwrites(tmp_path: Path) -> None:
    file = made(tmp_path)
    before = file.read_bytes()
    with pytest.raises(UserError, match="exists already; nothing was changed"):
        made(tmp_path)
    assert file.read_bytes() == before


def test_init_says_which_options_are_missing() -> None:
    with pytest.raises(UserError, match=r"still needed: --parent-name, .*--child"):
        gather({}, None)


def test_init_asks_for_what_was_not_given() -> None:
    asked = []

    def ask(question) -> str:
        asked.append(question.key)
        return ""

    gather(ANSWERS, ask)
    assert "parent_name" not in asked
    assert "parent_phone" in asked
    assert {"order", "no_contact", "receipt"} <= set(asked)
    assert {q.key for q in QUESTIONS} - {*asked, *ANSWERS} == {"order_app", "order_hours", "recording", "receipt_hours"}


def test_init_asks_again_at_once_and_loses_no_answer(tmp_path: Path) -> None:
    """What cannot be used is said where it was typed; a safety contact without an address is asked for."""
    typed = iter(["", "Chicago", "America/Chicago", "Ruth", "", "ruth at home", "ruth@example.org"])
    asked, said = [], []

    def prompt(words: str) -> str:
        asked.append(words)
        return next(typed) if words.startswith(("Your time zone", "Someone to call", "Their email")) else ""

    known = {k: v for k, v in ANSWERS.items() if k not in ("time_zone", "safety_name", "safety_email")}
    create(tmp_path, gather(known, asker(prompt, said.append)))
    (family,) = load(tmp_path).families
    assert family.time_zone == "America/Chicago"
    assert [p.emails[0].address for p in family.safety_contacts()] == ["ruth@example.org"]
    assert [words.split(";")[0] for words in said] == [
        "This is needed.",
        "Found 'Chicago'",
        "This is needed.",
        "Found 'ruth at home'",
    ]
    assert (
        "Your country, for the numbers of helplines (two letters) (such as US; empty: that of your time zone)" in asked
    )


def test_a_safety_contact_needs_an_address() -> None:
    with pytest.raises(UserError, match="still needed: --safety-email"):
        gather(ANSWERS | {"safety_email": ""}, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parent_email": "dana at example"}, "--parent-email: found 'dana at example'; should be an email address"),
        (
            {"relay_phone": "555 0100"},
            "--relay-phone: found '555 0100'; should be a phone number with its country code",
        ),
        ({"deliver": "25:00"}, "--deliver: found '25:00'; should be 'at once' or hours such as"),
        ({"time_zone": "Chicago"}, "--time-zone: found 'Chicago'; should be a time zone name such as America/Chicago"),
        ({"dates": "sometimes"}, "--dates: found 'sometimes'; should be month first or day first"),
        ({"currency": "dollars"}, "--currency: found 'dollars'; should be three letters"),
        ({"relay_email": "dana@example.org"}, "relay_email must be an address of the gateway"),
        ({"coparent_email": "dana@example.org"}, "an address stands for both parents"),
    ],
)
def test_a_wrong_answer_is_explained_and_leaves_nothing(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        made(tmp_path, **change)
    assert said in str(caught.value)
    assert not (tmp_path / "breakwater.toml").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "family-emma"', 'key = "Family!"', "family 1 › key: found 'Family!'"),
        ("port = 25", "port = 99999", "mail_out › port: found 99999"),
        ("port = 25", 'prot = 25', "mail_out › prot: is not a setting; check the spelling or remove it"),
        ('cards_by = ["email"]', 'cards_by = ["pigeon"]', "family 1 › cards_by 1: found 'pigeon'"),
        ('cards_by = ["email"]', 'cards_by = ["sms"]', "then the parent needs a phone and the family a relay_phone"),
        ('smtp_listen = "127.0.0.1:2525"', 'smtp_listen = "2525"', "server › smtp_listen: found '2525'; should be host:port"),
        ("[family.topics]", '[family.topics]\nmedical = "withhold"', "'medical' cannot be withheld"),
        ("[family.topics]", '[family.topics]\nfootball = "now"', "football"),
        ('currency = "USD"', 'currency = "USD"\ncountry = "UK"', "family 1 › country: found 'UK'; should be the two letters of a country"),
        ("[10, 30, 60]", "[10, 5]", "family 1 › alarms › repeat_minutes: found a list; should be minutes after the alarm, each later"),
        ("[10, 30, 60]", "[]", "family 1 › alarms › repeat_minutes: found a list; tuple should have at least 1 item"),
        ("[10, 30, 60]", "[10, 2000]", "at most 1440, such as [10, 30, 60]"),
        ("hourly = 12", "hourly = 900", "family 1 › alarms › hourly: found 900; input should be less than or equal to 48"),
        ('test = "monthly"', 'test = "daily"', "family 1 › alarms › test: found 'daily'; should be 'weekly', 'monthly' or 'off'"),
        ("outage_minutes = 20", "outage_minutes = 1", "family 1 › alarms › outage_minutes: found 1"),
        ("hourly = 12", 'hourly = 12\nalso = ["Aunt Jo"]', "alarms › also names 'Aunt Jo': each should be the name of a [[family.person]]"),
        ("# [heartbeat]", '[heartbeat]\nurl = "watch.example.org"', "heartbeat › url: found 'watch.example.org'; should be an address that"),
        ("# [heartbeat]", "[heartbeat]\nevery_minutes = 0", "heartbeat › every_minutes: found 0"),
        ('name = "Noah"', "", "family 1 › child 2 › name: is missing; add it"),
        ('name = "Noah"', 'name = "Noah', "cannot be read: "),
        ("[server]", "[server", "cannot be read: "),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_explained(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = made(tmp_path)
    text = file.read_text("utf8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no settings file; make one with: breakwater init"):
        load(tmp_path)


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "breakwater.toml").write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="not UTF-8 text at byte 8"):
        load(tmp_path)


def test_secrets_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    monkeypatch.setenv("BREAKWATER_TWILIO__ACCOUNT_SID", "AC1")
    monkeypatch.setenv("BREAKWATER_TWILIO__AUTH_TOKEN", "secret")
    twilio = load(tmp_path).twilio
    assert twilio is not None
    assert twilio.auth_token == "secret"


def test_addresses_are_dated(make_family) -> None:
    parent = {
        "name": "Dana",
        "emails": [
            {"address": "old@example.org", "until": "2026-01-31"},
            {"address": "new@example.org", "since": "2026-02-01"},
        ],
    }
    family = make_family(parent=parent, cards_by=["email"])
    assert family.parent.email_on(date(2026, 1, 31)) == "old@example.org"
    assert family.parent.email_on(date(2026, 2, 1)) == "new@example.org"
    assert family.who("old@example.org", date(2026, 3, 1)) is None
    assert family.who("mark@example.net", date(2026, 3, 1)) == (Role.COPARENT, "Mark")


def test_two_families_cannot_share_a_relay(make_family) -> None:
    with pytest.raises(SettingsError, match=r"rivera@relay.example.org is the relay of 'rivera' and of 'osei'"):
        Directory([make_family(), make_family(key="osei")])


def test_children_and_hours_in_plain_words() -> None:
    assert read_children("Emma, Noah") == [{"name": "Emma", "nicknames": []}, {"name": "Noah", "nicknames": []}]
    assert read_children("Zoë: Zo") == [{"name": "Zoë", "nicknames": ["Zo"]}]
    assert read_hours("At once") == '"at once"'


MODES = """deliver = ["08:00"]
quiet_notice = true
pause = [{ from = 2026-12-20, to = 2026-12-27 }]
hold_until = 2026-12-14T17:00:00
hard_days = [2026-12-24]
"""


def with_modes(folder: Path, modes: str) -> Path:
    file = made(folder, deliver="at once")
    words = file.read_text("utf8").split("\n")
    kept = [line for line in words if not line.startswith(("deliver = ", "quiet_notice = "))]
    at = next(n for n, line in enumerate(kept) if line.startswith("cards_by"))
    file.write_text("\n".join([*kept[:at], *modes.split("\n"), *kept[at:]]), "utf8")
    return file


def test_pauses_and_hard_days_are_read(tmp_path: Path) -> None:
    (family,) = load(with_modes(tmp_path, MODES).parent).families
    assert [(p.first, p.last) for p in family.pause] == [(date(2026, 12, 20), date(2026, 12, 27))]
    assert (family.hold_until, family.hard_days) == (datetime(2026, 12, 14, 17), (date(2026, 12, 24),))
    assert (family.quiet_notice, family.subject, family.calendar) == (True, "neutral", "neutral")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("to = 2026-12-27", "to = 2026-12-19", "whose `to` is not before its `from`"),
        ("to = 2026-12-27", "to = 2027-01-20", "at most 31 days"),
        ("to = 2026-12-27 }", "to = 2026-12-27 }, { from = 2026-12-28, to = 2027-01-03 }", "at least one day between"),
        ("to = 2026-12-27", "until = 2026-12-27", "family 1 › pause 1 › until: is not a setting"),
        ("T17:00:00", "T17:00:00Z", "a local time without a zone"),
        ("[2026-12-24]", '["Christmas"]', "family 1 › hard_days 1"),
    ],
)
def test_a_pause_that_cannot_be_meant_is_explained(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = with_modes(tmp_path, MODES.replace(old, new))
    with pytest.raises(SettingsError) as error:
        load(file.parent)
    assert says in str(error.value)


def test_the_coach_is_set_in_the_file(tmp_path: Path) -> None:
    file = made(tmp_path)
    text = (
        file.read_text()
        .replace('tone = "grey"', 'tone = "yellow"')
        .replace("hold_heated = false", "hold_heated = true")
    )
    file.write_text(text.replace("home = []", 'home = ["418 Alder Court"]'))
    coach = load(tmp_path).families[0].coach
    assert (coach.tone, coach.hold_heated, coach.private.home) == ("yellow", True, ("418 Alder Court",))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('tone = "grey"', 'tone = "pink"', "coach › tone: found 'pink'; should be 'grey' or 'yellow'"),
        ("hold_heated = false", 'hold_heated = "maybe"', "coach › hold_heated: found 'maybe'"),
        (
            "home = []",
            'home = ["x"]',
            "coach › private › home: found a list; should be words of at least 3 letters or digits; 'x' would be found everywhere",
        ),
        ("work = []", 'office = ["Lakeside"]', "coach › private › office: is not a setting"),
        ("people = []", 'people = "Jason"', "coach › private › people"),
    ],
)
def test_a_mistake_in_the_coachs_settings_is_explained(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = made(tmp_path)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert says in str(caught.value), str(caught.value)
    assert "breakwater.toml" in str(caught.value)
