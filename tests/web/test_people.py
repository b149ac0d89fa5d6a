"""Who else may look: invitations, what is opened, and the end of it; the operator's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.accounts import Role
from gateway.accounts.invite import invite
from gateway.accounts.opened import OPEN_TO, Opening, What, choose, opened, openings
from gateway.clock import utc_now
from gateway.demo.sample import EX_EMAIL, RELAY_EMAIL, SAMPLES
from gateway.family import Family
from gateway.store import Store
from gateway.store.tables import AccountRow, DeliveryRow, OpenedRow
from gateway.web.room import Room, Visitor
from tests.e2e.world import World
from tests.web.visiting import PASSWORD, Browser, filled

LAWYER = "Robin Cole"


def ask(parent: Browser, **fields: str) -> httpx.Response:
    """Fill in the form that invites."""
    wanted = {"name": LAWYER, "role": "professional", "open-records": "yes", "old": PASSWORD} | fields
    return parent.send("/people", "/people", **{k: v for k, v in wanted.items() if v})


def link_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    found = LexborHTMLParser(answer.text).css_first("main code")
    assert found is not None
    return found.text()


def take(world: World, link: str, login: str = "robin") -> Browser:
    browser = Browser(httpx.Client(base_url=world.settings.server.public_url, timeout=30))
    path = link.removeprefix(world.settings.server.public_url)
    assert browser.send(path, login=login, password=PASSWORD, again=PASSWORD).status_code == 200
    return browser


def newest(world: World) -> AccountRow:
    with world.store.read() as session:
        row = session.scalars(select(AccountRow).order_by(AccountRow.id.desc()).limit(1)).one()
        session.expunge(row)
        return row


def test_a_professional_is_invited_and_finds_exactly_what_was_opened(world: World, parent: Browser) -> None:
    period = {"open-originals": "yes", "first": "2026-11-01", "last": "2026-11-30"}
    link = link_of(ask(parent, **period))
    row = newest(world)
    with world.store.read() as session:
        given = openings(session, row.id, utc_now())
    assert set(given) == {What.RECORDS, What.ORIGINALS}
    original = given[What.ORIGINALS]
    assert original.since == datetime(2026, 11, 1, 5, tzinfo=UTC), "the family's own midnight, with its own offset"
    assert original.until == datetime(2026, 12, 1, 6, tzinfo=UTC)
    robin = take(world, link)
    assert robin.get("/").status_code == 200
    assert robin.get("/people").status_code == 404
    page = parent.page("/people")
    assert "in use" in page.css_first("main section").text()  # type: ignore[union-attr]
    kinds = [(e.kind, dict(e.body).get("what")) for e in world.log() if e.kind.startswith("access")]
    assert kinds == [("access opened", "records"), ("access opened", "originals")]
    robin.http.close()


def test_the_form_sent_twice_makes_one_account_and_one_link(world: World, parent: Browser) -> None:
    form = next(f for f in parent.page("/people").css("main form"))
    data = filled(form) | {"name": LAWYER, "role": "professional", "email": "robin@law.example", "old": PASSWORD}
    first, second = (parent.http.post("/people", data=data) for _ in range(2))
    assert link_of(first) == link_of(second)
    with world.store.read() as session:
        accounts = session.scalar(select(func.count()).where(AccountRow.role == "professional"))
        mails = session.scalar(select(func.count()).where(DeliveryRow.kind == "invite"))
    assert (accounts, mails) == (1, 1)
    take(world, link_of(first)).http.close()
    late = parent.http.post("/people", data=data)
    assert late.status_code == 422, "a link that was taken does not come to life again"
    assert newest(world).password is not None


def test_the_link_goes_out_by_mail(world: World, parent: Browser) -> None:
    answer = ask(parent, email="Robin@Law.example")
    assert "on its way to robin@law.example" in answer.text
    world.settle()
    [mail] = world.mails("robin@law.example")
    body = mail.get_body(("plain",))
    assert body is not None
    words = re.sub(r"=\n", "", body.get_content())
    assert link_of(answer) in words
    assert mail["Subject"] == "Invitation"
    assert mail["To"] == "robin@law.example"


@pytest.mark.parametrize("email", [EX_EMAIL, EX_EMAIL.upper(), RELAY_EMAIL])
def test_no_link_goes_to_the_other_parent(world: World, parent: Browser, email: str) -> None:
    answer = ask(parent, email=email)
    assert answer.status_code == 422
    assert "other parent" in answer.text
    with world.store.read() as session:
        assert session.scalar(select(func.count()).where(DeliveryRow.kind == "invite")) == 0
        assert session.scalar(select(func.count()).where(AccountRow.role == "professional")) == 0


@pytest.mark.parametrize(("fields", "said"), [
    ({"email": "a@b.example\r\nBcc: c@d.example"}, "email address"),
    ({"email": "nonsense"}, "email address"),
    ({"name": "\u200b \x00"}, "name of 1 to 100"),
    ({"name": "x" * 101}, "name of 1 to 100"),
    ({"role": "parent"}, "reviewer or a professional"),
    ({"role": "operator"}, "reviewer or a professional"),
    ({"open-originals": "yes"}, "first and the last day"),
    ({"open-originals": "yes", "first": "2026-11-30", "last": "2026-11-01"}, "first and the last day"),
    ({"open-originals": "yes", "first": "2026-02-30", "last": "2026-11-01"}, "year, month and day"),
    ({"ends": "2001-01-01"}, "not over"),
    ({"ends": "9999-12-31"}, "between 2000 and 2200"),
])  # fmt: skip
def test_what_does_not_read_is_said_and_nothing_is_made(
    world: World, parent: Browser, fields: dict[str, str], said: str
) -> None:
    answer = ask(parent, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    with world.store.read() as session:
        assert session.scalar(select(func.count()).select_from(AccountRow)) == 1


def test_a_name_is_shown_as_text(world: World, parent: Browser) -> None:
    ask(parent, name='<img src=x onerror="alert(1)"> "Cole"')
    page = parent.get("/people").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in page


def test_what_is_open_is_changed_dated_and_ended_at_once(world: World, parent: Browser) -> None:
    robin = take(world, link_of(ask(parent)))
    number = newest(world).id
    page = f"/people/{number}"
    checked = parent.send(page, f"{page}#open", button="act=opened", **{"open-calendar": "yes", "old": PASSWORD})
    assert checked.status_code == 200
    with world.store.read() as session:
        assert set(openings(session, number, utc_now())) == {What.RECORDS, What.CALENDAR}
    boxes = [b for b in parent.page(page).css("input[type=checkbox]") if "checked" in b.attributes]
    assert [b.attributes["name"] for b in boxes] == ["open-records", "open-calendar"]
    end = (utc_now() + timedelta(days=3)).date().isoformat()
    assert f'value="{end}"' in parent.send(page, f"{page}#ends", button="act=ends", ends=end, old=PASSWORD).text
    assert parent.send(page, f"{page}#ends", button="act=ends", ends="2020-01-01", old=PASSWORD).status_code == 422
    assert robin.get("/").status_code == 200
    assert "ended" in parent.send(page, f"{page}#ends", button="act=end").text
    assert robin.get("/").url.path == "/sign-in"
    again = robin.send("/sign-in", login="robin", password=PASSWORD)
    assert again.status_code == 403
    with world.store.read() as session:
        assert openings(session, number, utc_now()) == {}
        assert session.scalar(select(func.count()).where(OpenedRow.ended_at.is_(None))) == 0
    kinds = [e.kind for e in world.log()]
    assert kinds.count("access closed") == 2
    assert "access dated" in kinds
    ended = [dict(e.body) for e in world.log() if e.kind == "account ended"]
    assert ended == [{"account": number, "by": "parent"}]
    robin.http.close()


def test_access_ends_by_itself_on_its_day(store: Store, make_family: Callable[..., Family]) -> None:
    family, now = make_family(), utc_now()
    with store.write() as session:
        row, _ = invite(session, family, Role.PROFESSIONAL, LAWYER, now, ends_at=now + timedelta(days=1))
        chosen = {What.JOURNAL: Opening(What.JOURNAL), What.UNSORTED: Opening(What.UNSORTED)}
        assert choose(session, row, chosen, now, zone="UTC")
        assert not choose(session, row, chosen, now, zone="UTC"), "nothing changed"
        number = row.id
    with store.read() as session:
        assert opened(session, number, "journal", now) == Opening(What.JOURNAL)
        assert opened(session, number, What.UNSORTED, now) is None, "that is for reviewers"
        assert opened(session, number, What.JOURNAL, now + timedelta(days=1)) is None
        assert opened(session, 999, What.JOURNAL, now) is None


def test_a_period_is_half_open() -> None:
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    opening = Opening(What.ORIGINALS, first, last)
    assert opening.covers(first)
    assert not opening.covers(last)
    assert not opening.covers(first - timedelta(microseconds=1))
    assert Opening(What.ORIGINALS).covers(first)


def test_nobody_lets_themselves_in_at_a_screen_that_was_left_open(world: World, parent: Browser) -> None:
    """The ex with the parent's unlocked phone: no invitation, no new link and nothing more to see without the password."""
    for old in ("", "not this one, no"):
        refused = ask(parent, old=old)
        assert refused.status_code == 422
        assert "not your password" in refused.text
        assert f'value="{LAWYER}"' in refused.text, "what was typed stays"
    assert newest(world).role == "parent"
    robin = take(world, link_of(ask(parent)))
    number = newest(world).id
    page, before = f"/people/{number}", newest(world).invite
    for action, act, fields in (
        ("open", "opened", {"open-journal": "yes"}), ("ends", "ends", {"ends": ""}), ("link", "link", {}),
    ):  # fmt: skip
        assert parent.send(page, f"{page}#{action}", button=f"act={act}", **fields).status_code == 422
    with world.store.read() as session:
        assert set(openings(session, number, utc_now())) == {What.RECORDS}
        query = select(DeliveryRow.content).where(DeliveryRow.kind == "notice", DeliveryRow.channel == "email")
        told = [content["text"] for content in session.scalars(query)]
    assert newest(world).invite == before
    assert robin.get("/").url.path == "/"
    assert [LAWYER in text and f"/people/{number}" in text for text in told] == [True]
    assert "ended" in parent.send(page, f"{page}#ends", button="act=end").text, "to end it is always there"
    robin.http.close()


def test_a_new_link_ends_the_old_sign_in_and_keeps_what_is_open(world: World, parent: Browser) -> None:
    robin = take(world, link_of(ask(parent)))
    number = newest(world).id
    page = f"/people/{number}"
    link = link_of(parent.send(page, f"{page}#link", button="act=link", old=PASSWORD))
    assert robin.get("/").url.path == "/sign-in"
    again = take(world, link)
    with world.store.read() as session:
        assert set(openings(session, number, utc_now())) == {What.RECORDS}
    assert newest(world).id == number
    for browser in (robin, again):
        browser.http.close()


def test_only_people_of_the_own_family_and_never_the_parent(world: World, parent: Browser) -> None:
    with world.store.write() as session:
        other = invite(session, world.settings.families[0], Role.REVIEWER, "x", utc_now())[0]
        other.family = "another"
        number = other.id
        mine = session.scalars(select(AccountRow.id).where(AccountRow.login == "parent rivera")).one()
    nothing = parent.get("/people/999")
    for one in (number, mine, 0, 2**63):
        answer = parent.get(f"/people/{one}")
        assert (answer.status_code, answer.text) == (nothing.status_code, nothing.text) == (404, nothing.text)


def test_a_room_that_needs_an_opening_is_not_there_without_it(
    world: World, parent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enter(_request: Request, _visitor: Visitor) -> Response:
        return PlainTextResponse("")

    room = Room("calendar", "/calendar", enter, frozenset(Role), needs=What.CALENDAR)
    nothing, given = {}, {What.CALENDAR: Opening(What.CALENDAR)}
    assert room.open_to(Role.PARENT, nothing)
    assert not room.open_to(Role.PROFESSIONAL, nothing)
    assert room.open_to(Role.PROFESSIONAL, given)
    assert not room.open_to(Role.REVIEWER, nothing)
    assert not Room("x", "/x", enter, frozenset({Role.PARENT}), needs=What.CALENDAR).open_to(Role.PROFESSIONAL, given)


def test_everything_that_can_be_opened_has_somebody_to_open_it_to() -> None:
    assert {what for kinds in OPEN_TO.values() for what in kinds} == set(What)


def test_an_operator_sees_numbers_and_no_content(world: World, enter: Callable[[Role], Browser]) -> None:
    for sample in SAMPLES[:3]:
        world.send(sample)
    world.settle()
    operator = enter(Role.OPERATOR)
    page = operator.page("/operator").css_first("main")
    assert page is not None
    words = " ".join(page.text(separator=" ").split())
    assert "Families 1" in words
    assert "Messages to be read 0 well" in words
    family = world.settings.families[0]
    for secret in (
        family.key,
        family.parent.name,
        family.coparent.name,
        RELAY_EMAIL,
        EX_EMAIL,
        *SAMPLES[0].text.split("\n"),
    ):
        assert not secret.strip() or secret not in operator.get("/operator").text
    assert enter(Role.PARENT).get("/operator").status_code == 404
