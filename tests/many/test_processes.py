"""Several real processes over one PostgreSQL: order, takeover after kill -9, settings in force in all, families apart, one log writer."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.changes import Changes, puts
from gateway.cli import app
from gateway.clock import utc_now
from gateway.errors import SettingsError
from gateway.ledger import append, entries, verify
from gateway.lifetime import lock
from gateway.many.presence import missing
from gateway.many.roles import ALL, Role, roles_of, told
from gateway.policy import load_rules
from gateway.settings import Settings
from gateway.store import Store
from gateway.store.tables import DecisionRow, DeliveryRow, MessageRow
from tests.many.installation import Installation, installation, mail, wait_until
from tests.many.server import Server

pytestmark = pytest.mark.timeout(300)
FACT = "Emma's dentist appointment number {number} is Tuesday at 3:30."
COUNT = 3


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Iterator[Installation]:
    with server.database() as url, installation(tmp_path, url, COUNT) as made:
        yield made


def numbers_at(place: Installation, family: int) -> list[int]:
    """The numbers of the messages in the order in which their cards came to that parent."""
    found = []
    for _, to, raw in place.mailbox.received:
        if f"dana{family}@example.org" in to:
            words = message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
            found += [int(number) for number in re.findall(r"number (\d+) is", " ".join(words.split()))[:1]]
    return found


def test_many_processes_keep_the_order_of_each_family_and_mix_no_two(place: Installation) -> None:
    place.start(
        "intake-1", "intake-2", "worker-1", "worker-2", "worker-3", "worker-4", "delivery-1", "delivery-2", "web"
    )
    assert missing(place.processes()) == []
    for number in range(8):
        for family in range(COUNT):
            assert place.send(mail(number, family, FACT.format(number=number)), family).startswith("2.0.0 Kept")
    place.settle()
    for family in range(COUNT):
        assert numbers_at(place, family) == list(range(8))
    with place.store.read() as session:
        rows = session.execute(
            select(MessageRow.family, DecisionRow.family, DeliveryRow.family, DeliveryRow.address)
            .join(DecisionRow, DecisionRow.message_id == MessageRow.id)
            .join(DeliveryRow, DeliveryRow.message_id == MessageRow.id)
        ).all()
        assert {(a, b, c, to) for a, b, c, to in rows} == {
            (f"family{n}", f"family{n}", f"family{n}", f"dana{n}@example.org") for n in range(COUNT)
        }
        for family in range(COUNT):
            decided = session.scalars(
                select(DecisionRow.message_id).where(DecisionRow.family == f"family{family}").order_by(DecisionRow.id)
            ).all()
            assert list(decided) == sorted(decided)
            assert len(decided) == len(set(decided)) == 8
        assert verify(entries(session))["family0"] > 8 * 3
    answer = httpx.get(f"{place.settings.server.public_url}/ready")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    said = CliRunner().invoke(app, ["status", "--dir", str(place.settings.directory), "--json"]).output
    shown = json.loads(said)["processes"]
    assert sorted(role for process in shown for role in process["roles"]) == sorted(
        ["intake"] * 2 + ["worker"] * 4 + ["delivery"] * 2 + ["web"]
    )
    place.stop("worker-4", "delivery-2")
    place.stop()
    with place.store.read() as session:
        kinds = [e.kind for e in entries(session, "installation")]
    assert (kinds.count("started"), kinds.count("stopped"), kinds.count("gap")) == (1, 1, 0)
    assert (kinds.count("process started"), kinds.count("process stopped")) == (8, 8)


def test_what_a_killed_process_had_at_hand_is_taken_over(place: Installation) -> None:
    place.start("intake-1", "worker-1", "delivery-1")
    for number in range(6):
        for family in range(COUNT):
            place.send(mail(number, family, FACT.format(number=number)), family)
    wait_until(lambda: bool(place.mailbox.received), 60)
    place.kill("worker-1")
    place.kill("delivery-1")
    assert place.open_work() > 0
    place.start("worker-2", "delivery-2")
    place.settle()
    names = [str(message_from_bytes(raw)["Message-ID"]) for _, _, raw in place.mailbox.received]
    with place.store.read() as session:
        copies = sum("second copy" in str(e.body.get("note")) for e in entries(session))
        assert {row.state for row in session.scalars(select(MessageRow))} == {"done"}
    assert len(set(names)) == 6 * COUNT
    assert len(names) - len(set(names)) <= copies <= 1
    for family in range(COUNT):
        first = list(dict.fromkeys(numbers_at(place, family)))
        assert first == list(range(6))

    def buried() -> bool:
        with place.store.read() as session:
            return [e.kind for e in entries(session, "installation")].count("process lost") == 2

    wait_until(buried, 30)
    assert missing(place.processes()) == [Role.WEB]


def test_a_change_of_settings_is_in_force_in_every_process(place: Installation) -> None:
    place.start("intake-1", "worker-1", "worker-2", "delivery-1")
    place.send(mail(0, 0, FACT.format(number=0)), 0)
    place.settle()
    changes = Changes(
        place.settings.directory, place.store, place.settings.families_by_address(), utc_now, load_rules().for_family
    )
    changes.make("family0", puts({("contact",): "no-contact"}), "parent")
    for number in (1, 2, 3):  # whichever worker takes it, no card is made from the moment of the change on
        place.send(mail(number, 0, FACT.format(number=number)), 0)
    place.settle()
    assert numbers_at(place, 0) == [0]
    with place.store.read() as session:
        modes = [row.detail.get("mode") for row in session.scalars(select(DecisionRow).order_by(DecisionRow.id))]
    assert modes[1:] == ["no-contact"] * 3
    changes.make("family0", puts({("contact",): "modified-contact"}), "parent")
    place.send(mail(4, 0, FACT.format(number=4)), 0)
    place.settle()
    assert numbers_at(place, 0) == [0, 4]


def test_settings_that_two_processes_change_at_once_lose_nothing(place: Installation) -> None:
    def change(key: str) -> None:
        families = place.settings.families_by_address()
        store = Store(place.settings.database_url)
        changes = Changes(place.settings.directory, store, families, utc_now, load_rules().for_family)
        for answer_hours in (24, 36, 72):
            changes.make(key, puts({("answer_hours",): answer_hours}), "parent")
        store.close()

    # Each with a store and a lock of its own, as processes have; the lock of threads is not what holds them apart.
    threads = [threading.Thread(target=change, args=(f"family{number}",)) for number in range(COUNT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    from gateway.settings import load

    assert [family.answer_hours for family in load(place.settings.directory).families] == [72] * COUNT


def test_the_log_of_a_family_has_one_writer(place: Installation) -> None:
    stores = [Store(place.settings.database_url) for _ in range(4)]

    def write(store: Store) -> None:
        for _ in range(25):
            with store.write() as session:
                append(session, "family0", "tried", {}, now=utc_now())

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with place.store.read() as session:
        found = list(entries(session, "family0"))
        assert verify(iter(found)) == {"family0": 100}
    held = stores[0].write()
    first = held.__enter__()
    append(first, "family0", "tried", {}, now=utc_now())
    wrote = threading.Event()

    def second() -> None:
        with stores[1].write() as session:
            append(session, "family0", "tried", {}, now=utc_now())
            wrote.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    with stores[2].write() as session:  # another family's log is nobody's affair
        append(session, "family1", "tried", {}, now=utc_now())
    assert not wrote.wait(0.3)
    held.__exit__(None, None, None)
    waiting.join()
    assert wrote.is_set()
    for store in stores:
        store.close()


def test_a_database_that_restarts_under_the_work_loses_and_doubles_nothing(place: Installation, server: Server) -> None:
    place.start("intake-1", "worker-1", "worker-2", "delivery-1")
    for number in range(8):
        for family in range(COUNT):
            place.send(mail(number, family, FACT.format(number=number)), family)
        if number == 4:
            server.restart()
            wait_until(place.listens, 30)
    place.settle()
    for family in range(COUNT):
        assert numbers_at(place, family) == list(range(8))
    with place.store.read() as session:
        assert {row.state for row in session.scalars(select(MessageRow))} == {"done"}
        assert verify(entries(session))["family0"] > 8 * 3
    assert len(place.processes()) == 4


def test_sqlite_belongs_to_one_process_that_does_everything(tmp_path: Path) -> None:
    settings = Settings(directory=tmp_path, server={"data": "."})  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="processes for single roles want PostgreSQL"):
        lock(settings, frozenset({Role.WORKER}))
    held = lock(settings)
    assert held is not None
    with pytest.raises(SettingsError, match="another `breakwater serve` runs"):
        lock(settings)
    held.close()
    shared = Settings(directory=tmp_path, server={"database": "postgresql://127.0.0.1/x"})  # type: ignore[arg-type]
    assert lock(shared, frozenset({Role.WORKER})) is None


def test_roles_by_their_names() -> None:
    assert roles_of([]) == roles_of(["all"]) == ALL
    assert told(roles_of(["web", "intake"])) == "intake, web"
    with pytest.raises(SettingsError, match="choose of intake, worker, delivery, web, all"):
        roles_of(["wroker"])
