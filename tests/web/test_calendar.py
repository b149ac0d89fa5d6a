"""The calendar: what has a date on the cards, in the family's zone, and the private address."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from gateway.accounts import Role
from gateway.accounts.opened import Opening, What, choose
from gateway.demo.sample import EX_PHONE, Sample
from gateway.store.tables import AccountRow
from gateway.web.pages.almanac import first_weekday, moment_of, month_of, week_of
from gateway.web.pages.calendar import wanted_of
from tests.e2e.world import World, open_world
from tests.web.test_today import come, home, neighbours, visit, words
from tests.web.visiting import PASSWORD, Browser, filled

NOW = datetime(2026, 10, 26, 18, 0, tzinfo=UTC)
DATES = (
    Sample("nobody", "email", "Parents' evening at school is on 5 November at 7 pm.\n", "School"),
    Sample("dentist", "email", "Emma's dentist appointment is on 30 October at 3:30.\n", "Dentist"),
    Sample("recital", "email", "You never come. Noah has a recital on 2 November at 5 pm.\n", "Recital"),
    Sample("trip", "sms", "Emma's school trip is on 12 November", sender=EX_PHONE),
    Sample("asked", "email", "Can Noah come to the party on 20 November? Let me know by 10 November.\n", "Party"),
)


@pytest.mark.parametrize(("at", "zone", "said"), [
    ("2026-10-30T15:30", "America/Chicago", "2026-10-30T15:30:00-05:00"),
    ("2026-11-02T17:00", "America/Chicago", "2026-11-02T17:00:00-06:00"),
    ("2026-03-08T02:30", "America/Chicago", "2026-03-08T03:30:00-05:00"),  # the clock skips it
    ("2026-11-01T01:30", "America/Chicago", "2026-11-01T01:30:00-05:00"),  # the clock repeats it: the first
    ("2026-03-29T01:30", "Europe/London", "2026-03-29T02:30:00+01:00"),
    ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T02:45:00+11:00"),
])  # fmt: skip
def test_hours_are_those_of_the_family_when_the_clock_changes(at: str, zone: str, said: str) -> None:
    moment = moment_of(at, zone)
    assert moment is not None
    assert moment.isoformat() == said
    assert moment_of(at[:10], zone) is None


def test_months_and_weeks() -> None:
    weeks = month_of(date(2026, 11, 15), 6)
    assert (weeks[0][0], weeks[-1][-1]) == (date(2026, 11, 1), date(2026, 12, 5))
    assert week_of(date(2026, 11, 1), 0)[0] == date(2026, 10, 26)
    assert week_of(date(2026, 11, 1), 6)[0] == date(2026, 11, 1)
    assert first_weekday(home()) == 6
    assert first_weekday(home(time_zone="Europe/London")) == 0


def test_an_address_that_makes_no_sense_counts_as_today() -> None:
    today = date(2026, 11, 26)
    for given in ({}, {"view": "year", "on": "soon"}, {"on": "9999-12-31"}, {"on": "2026-13-01"}, {"on": "0001-01-01"}):
        assert wanted_of(given, ["Nobody", "<b>"], home(), today) == wanted_of({}, [], home(), today)
    chosen = wanted_of({"view": "month", "on": "2026-12-05"}, ["Emma", "none"], home(), today)
    assert (chosen.view, chosen.on, chosen.children) == ("month", date(2026, 12, 5), ("Emma", ""))
    assert chosen.link() == "/calendar?view=month&on=2026-12-05&child=Emma&child=none"


def test_list_week_and_month_show_the_exact_words(tmp_path: Path) -> None:
    with open_world(tmp_path, clock=lambda: NOW, families=(home(),)) as world, visit(world, 0) as parent:
        come(world, *DATES)
        page = parent.page("/calendar")
        said = words(page)
        days = [str(t.attributes["datetime"]) for t in page.css("section.day time")]
        assert days == ["2026-10-30", "2026-11-02", "2026-11-05", "2026-11-10", "2026-11-12", "2026-11-20"]
        assert "Noah has a recital on 2 November at 5 pm." in said
        assert "3:30 pm (UTC-05:00)" in said  # before the clock goes back
        assert "5:00 pm (UTC-06:00)" in said  # after it
        assert "Answer by" in said
        assert "never come" not in str(page.html)
        week = parent.page("/calendar?view=week&on=2026-11-03")
        assert [str(t.attributes["datetime"]) for t in week.css("section.day time")] == ["2026-11-02", "2026-11-05"]
        month = parent.page("/calendar?view=month&on=2026-11-15")
        assert words(month, "h2").startswith("November 2026")
        table = month.css_first("table")
        assert table is not None
        assert table.css("caption")
        assert [str(th.attributes["scope"]) for th in table.css("th")] == ["col"] * 7
        assert len(table.css("td")) == 35
        assert "5:00 pm Noah" in words(month, "td")
        assert {str(a.attributes["href"])[1:] for a in table.css("td > a")} <= {
            n.attributes["id"] for n in month.css("section.day")
        }
        assert len(str(month.html)) < 100_000


def test_steps_and_children(tmp_path: Path) -> None:
    with open_world(tmp_path, clock=lambda: NOW, families=(home(),)) as world, visit(world, 0) as parent:
        come(world, *DATES)
        page = parent.page("/calendar?view=month&on=2026-10-31&child=Noah")
        steps = {a.text(): str(a.attributes["href"]) for a in page.css(".row a.button")}
        assert steps["Next"] == "/calendar?view=month&on=2026-11-01&child=Noah"
        assert steps["Before"] == "/calendar?view=month&on=2026-09-01&child=Noah"
        said = words(parent.page(steps["Next"]), "section.day")
        assert "recital" in said
        assert "dentist" not in said
        assert "trip" not in said
        unnamed = words(parent.page("/calendar?view=month&on=2026-11-01&child=none"), "section.day")
        assert "Parents' evening" in unnamed
        assert "recital" not in unnamed
        both = words(parent.page("/calendar?child=Emma&child=none"), "section.day")
        assert "dentist" in both
        assert "Parents' evening" in both
        assert "recital" not in both


def test_the_private_address_is_shown_once_and_ends(world: World, parent: Browser) -> None:
    come(world, Sample("dentist", "email", "Emma's dentist appointment is tomorrow at 3:30.\n", "Dentist"))
    for old in ("", "not this one, no"):
        refused = parent.send("/calendar", "/calendar/address", button="act=new", old=old)
        assert refused.status_code == 422, "nobody takes the dates along at a screen that was left open"
        assert "/dates/" not in refused.text
    shown = parent.send("/calendar", "/calendar/address", button="act=new", old=PASSWORD)
    link = shown.text.split('id="address" value="')[1].split('"')[0]
    assert httpx.get(link).text.startswith("BEGIN:VCALENDAR")
    assert link not in parent.get("/calendar").text
    assert "An address was made" in parent.get("/calendar").text
    second = parent.send("/calendar", "/calendar/address", button="act=new", old=PASSWORD).text
    assert httpx.get(link).status_code == 404
    link = second.split('id="address" value="')[1].split('"')[0]
    parent.send("/calendar", "/calendar/address", button="act=revoke")
    assert httpx.get(link).status_code == 404
    kinds = [e.kind for e in world.log() if e.kind.startswith("calendar address ")]
    assert kinds == ["calendar address made", "calendar address revoked"] * 2
    assert all("dates/" not in str(e.body) for e in world.log())


def test_another_family_has_a_calendar_of_its_own(tmp_path: Path) -> None:
    with open_world(tmp_path, clock=lambda: NOW, families=neighbours()) as world, visit(world, 1) as other:
        come(world, *DATES)
        assert "Nothing with a date here." in words(other.page("/calendar"))
        assert not other.page("/calendar?view=month&on=2026-11-15").css("section.day")


def test_a_professional_reads_it_while_it_is_opened(tmp_path: Path) -> None:
    with (
        open_world(tmp_path, clock=lambda: NOW, families=(home(),)) as world,
        visit(world, role=Role.PROFESSIONAL) as lawyer,
    ):
        come(world, *DATES)
        assert lawyer.get("/calendar").status_code == 404
        with world.store.write() as session:
            account = session.scalars(select(AccountRow)).one()
            opening = {What.CALENDAR: Opening(What.CALENDAR)}
            choose(session, account, opening, NOW, zone="America/Chicago")
        page = lawyer.page("/calendar")
        assert "Noah has a recital on 2 November at 5 pm." in words(page)
        assert not page.css("#address, main a[href^='/card/']")
        with world.store.write() as session:
            choose(session, session.scalars(select(AccountRow)).one(), {}, NOW, zone="America/Chicago")
        assert lawyer.get("/calendar").status_code == 404


def test_where_calendars_are_off_there_is_no_address(tmp_path: Path) -> None:
    with open_world(tmp_path, families=(home(calendar="off"),)) as world, visit(world) as parent:
        page = parent.page("/calendar")
        assert "switched off" in words(page)
        form = filled(page.css("header form")[0])["form"]
        assert parent.http.post("/calendar/address", data={"form": form, "act": "new"}).status_code == 303
        assert not [e for e in world.log() if e.kind.startswith("calendar address ")]
