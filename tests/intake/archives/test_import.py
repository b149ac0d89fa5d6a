"""`breakwater import` from the command line to the log: kept whole, marked, read, and never delivered."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select, text
from typer.testing import CliRunner

from gateway import cli
from gateway.clock import utc_now
from gateway.demo.sample import SAMPLES, family
from gateway.errors import StoreError, UserError
from gateway.family import Family
from gateway.intake.archives.importing import Importer
from gateway.intake.archives.people import Cast
from gateway.intake.archives.sources import open_archive
from gateway.intake.keep import Keeper
from gateway.ledger import entries, verify
from gateway.provenance import AS_GIVEN
from gateway.store import Blobs, Store, fresh
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow
from gateway.store.unit_of_work import MIGRATIONS
from tests.conftest import path_of
from tests.e2e.world import World, open_world, wait_until
from tests.intake.archives.samples import (
    ANDROID,
    FACT,
    IMAZING,
    IPHONE,
    MBOX,
    SMS_BACKUP,
    THREAT,
    letter,
    long_chat,
    write,
)

SETTINGS = """
[[family]]
key = "rivera"
time_zone = "America/Chicago"
relay_email = "rivera@relay.example.org"
relay_phone = "+15005550001"
cards_by = ["email", "sms"]
[family.parent]
name = "Dana"
emails = ["dana@example.org"]
phones = ["+15005550002"]
[family.coparent]
name = "Mark"
emails = ["mark@example.net"]
phones = ["+15005550003"]
[[family.child]]
name = "Emma"
[[family.person]]
name = "Ruth"
role = "safety contact"
emails = ["ruth@example.org"]
"""


class Home:
    """A folder with settings, and commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write(folder, "breakwater.toml", SETTINGS)

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit status, output and error of a command, through the same door as the real one."""
        result = CliRunner().invoke(cli.app, [*words, "--dir", str(self.folder)], env={"COLUMNS": "200"})
        error = str(result.exception) if isinstance(result.exception, UserError) else ""
        status = 2 if error else result.exit_code
        assert error or result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return status, result.stdout, error

    def store(self) -> Store:
        return Store(f"sqlite:///{self.folder / 'data' / 'breakwater.db'}")

    def rows(self, table: type) -> list:
        store = self.store()
        with store.read() as session:
            found = list(session.scalars(select(table).order_by(table.id)))
            session.expunge_all()
        store.close()
        return found

    def kinds(self) -> list[str]:
        store = self.store()
        with store.read() as session:
            verify(entries(session))
            found = [e.kind for e in entries(session, "rivera")]
        store.close()
        return found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def archive(home: Home, form: str) -> str:
    name, content = {
        "mbox": ("old.mbox", MBOX),
        "whatsapp": ("WhatsApp Chat with Mark.txt", ANDROID),
        "sms-backup": ("sms-20261126.xml", SMS_BACKUP),
        "imessage": ("Mark.csv", IMAZING),
        "eml": ("threat.eml", letter(4, THREAT)),
    }[form]
    return str(write(home.folder, name, content))


KEPT = {"mbox": (2, 1), "whatsapp": (3, 2), "sms-backup": (3, 1), "imessage": (3, 2), "eml": (1, 0)}


@pytest.mark.parametrize("form", KEPT)
def test_an_old_threat_is_kept_marked_and_read_but_rings_no_alarm(home: Home, form: str) -> None:
    status, said, _ = home.run("import", form, archive(home, form))
    assert status == 0
    theirs, ours = KEPT[form]
    rows = home.rows(MessageRow)
    people = [r for r in rows if r.envelope["kind"] == "message"]
    assert [r.envelope["direction"] for r in people].count("from the co-parent") == theirs
    assert [r.envelope["direction"] for r in people].count("from the parent") == ours
    assert {(r.provenance, r.envelope["provenance"], r.state) for r in rows} == {("imported", AS_GIVEN, "done")}
    decisions = home.rows(DecisionRow)
    lanes = {d.message_id: d.lane for d in decisions}
    threats = [r for r in people if THREAT.encode() in Blobs(home.folder / "data" / "blobs").get(r.family, r.sha256)]
    assert [lanes[r.id] for r in threats] == ["danger"]
    assert all(d.detail["provenance"] == AS_GIVEN for d in decisions)
    assert home.rows(CardRow) == []
    assert home.rows(DeliveryRow) == []
    assert not {"alarm", "card sent", "received"} & set(home.kinds())
    assert home.kinds().count("imported") == len(rows)
    assert "1 danger" in said
    assert "Nobody was alarmed" in said
    assert THREAT not in said


@pytest.mark.parametrize("form", KEPT)
def test_repeating_keeps_nothing_twice(home: Home, form: str) -> None:
    file = archive(home, form)
    home.run("import", form, file, "--later")
    first = [(r.provider_id, r.sha256) for r in home.rows(MessageRow)]
    status, said, _ = home.run("import", form, file, "--later")
    assert status == 0
    assert [(r.provider_id, r.sha256) for r in home.rows(MessageRow)] == first
    assert f"0 messages kept, marked: {AS_GIVEN}.\n{len(first)} were here already" in said


def test_a_later_longer_export_adds_only_what_is_new(home: Home) -> None:
    home.run("import", "whatsapp", archive(home, "whatsapp"), "--later")
    renamed = ANDROID.replace("Mark:", "Bear:").replace("24/11/2026, 19:4", "24/11/26, 7:4").replace(" - ", " pm - ")
    renamed = (
        renamed.replace("25/11/2026, 00:0", "25/11/26, 12:0")
        .replace("12:05 pm", "12:05 am")
        .replace("12:06 pm", "12:06 am")
    )
    longer = write(home.folder, "later.txt", renamed + "26/11/26, 9:00 am - Dana: ok\n")
    status, said, error = home.run("import", "whatsapp", str(longer), "--later", "--co-parent", "Bear")
    assert (status, error) == (0, "")
    assert "1 messages kept (1 from the parent)" in said


def test_the_same_words_at_the_same_minute_are_two_messages(home: Home) -> None:
    home.run("import", "whatsapp", archive(home, "whatsapp"), "--later")
    raws = [Blobs(home.folder / "data" / "blobs").get(r.family, r.sha256) for r in home.rows(MessageRow)]
    assert [raw for raw in raws if raw.endswith(b"Dana: ok")] == [b"24/11/2026, 19:41 - Dana: ok"] * 2


def test_show_verify_and_explain_say_that_it_was_imported(home: Home) -> None:
    home.run("import", "whatsapp", archive(home, "whatsapp"))
    _, shown, _ = home.run("log", "show")
    lines = [line for line in shown.splitlines() if "imported, as given by the parent" in line]
    assert len(lines) == len(home.kinds())
    assert "import started" in shown
    assert "import finished" in shown
    assert all(FACT not in line for line in lines)
    _, shown, _ = home.run("log", "show", "--json")
    assert {json.loads(line)["body"]["provenance"] for line in shown.splitlines()} == {AS_GIVEN}
    status, said, _ = home.run("log", "verify")
    assert (status, "7 stored messages, all unchanged" in said) == (0, True)
    number = next(
        r.id for r in home.rows(MessageRow) if "Mark" in r.envelope["who"] and r.envelope["archive"]["line"] == 2
    )
    status, said, error = home.run("explain", "--message", str(number))
    assert (status, error) == (0, "")
    assert "Imported, as given by the parent: from the co-parent, written 2026-11-25T01:40:00" in said.replace(
        "\n", " "
    )
    assert "No card: imported, as given by the parent." in said
    assert "The same as decided then." in said
    number = next(r.id for r in home.rows(MessageRow) if r.envelope["role"] == "parent")
    status, said, _ = home.run("explain", "--message", str(number))
    assert (status, "from the parent" in said) == (0, True)


def test_files_of_a_zip_are_kept_and_verified(home: Home, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chat.zip", "w") as zipped:
        zipped.writestr("_chat.txt", IPHONE)
        zipped.writestr("00000012-PHOTO-2026-11-24-19-42-10.jpg", b"a photo")
    home.run("import", "whatsapp", str(tmp_path / "chat.zip"), "--later")
    (file,) = [f for r in home.rows(MessageRow) for f in r.envelope["files"]]
    blobs = Blobs(home.folder / "data" / "blobs")
    assert blobs.get("rivera", file["sha256"]) == b"a photo"
    path_of(blobs, "rivera", file["sha256"]).write_bytes(b"another")
    with pytest.raises(StoreError):
        CliRunner().invoke(cli.app, ["log", "verify", "--dir", str(home.folder)], catch_exceptions=False)


def test_what_is_between_others_is_left_out_unless_asked_for(home: Home) -> None:
    _, said, _ = home.run("import", "mbox", archive(home, "mbox"), "--later")
    assert "1 have nothing to do with the co-parent and were left out" in said
    _, said, _ = home.run("import", "mbox", archive(home, "mbox"), "--later", "--everyone")
    assert "1 messages kept (1 from others)" in said


@pytest.mark.parametrize(
    ("form", "content", "words", "says"),
    [
        (
            "whatsapp",
            ANDROID.replace("Mark:", "Bear:"),
            (),
            "Names found: 'Bear', 'Dana'\nSay it with --co-parent NAME",
        ),
        ("whatsapp", ANDROID, ("--co-parent", "Barry"), "nobody in this chat is called 'Barry'"),
        ("whatsapp", ANDROID, ("--dates", "backwards"), "--dates: found 'backwards'"),
        ("whatsapp", ANDROID, ("--zone", "Mars"), "--zone: found 'Mars'"),
        ("whatsapp", ANDROID, ("--family", "smith"), "the families are: rivera"),
        ("whatsapp", "3/4/26, 9:00 - Mark: x\n", (), "--dates 'day first' or --dates 'month first'"),
        ("mbox", "Dear Dana\n", (), "a.x line 1: does not begin with 'From '"),
        (
            "mbox",
            MBOX.replace("mark@", "m.r@"),
            (),
            "Found most often: m.r@example.net, dana@example.org, shop@example.com",
        ),
        ("sms-backup", "<calls/>", (), "a.x line 1: this is a backup of calls"),
        ("imessage", "a,b\n", (), "no column for time and text"),
    ],
)
def test_mistakes_are_said_in_two_lines_at_most(
    home: Home, form: str, content: str, words: tuple[str, ...], says: str
) -> None:
    status, _, error = home.run("import", form, str(write(home.folder, "a.x", content)), *words)
    assert status == 2
    assert says in error
    assert error.count("\n") <= 1
    assert home.rows(MessageRow) == [] if (home.folder / "data").exists() else True


def test_what_could_be_read_is_kept_beside_what_could_not(home: Home) -> None:
    broken = SMS_BACKUP.replace('date="1795549260000"', 'date=""').replace('date="1795564800000"', "date=0")
    file = str(write(home.folder, "sms.xml", broken))
    status, said, error = home.run("import", "sms-backup", file, "--later")
    assert status == 2
    assert error.startswith("sms.xml line 5: this entry has no possible date; make the backup again")
    assert "1 more such places (line 19). What could be read is kept: 2 messages." in error
    assert len(home.rows(MessageRow)) == 2
    assert "2 messages kept" in said
    store = home.store()
    with store.read() as session:
        (end,) = [e for e in entries(session, "rivera") if e.kind == "import finished"]
    store.close()
    assert end.body["places"] == [{"line": 5}, {"line": 19}]


def test_the_database_refuses_cards_and_deliveries_of_what_was_imported(store: Store, clock: Callable) -> None:
    about = {
        "family": "rivera",
        "channel": "sms",
        "sha256": "0" * 64,
        "size": 1,
        "envelope": {},
        "fingerprint": "1" * 64,
    }
    with store.write() as session:
        session.add(MessageRow(**about, received_at=clock(), entry_seq=1, provenance="imported"))
        session.add(MessageRow(**about, received_at=clock(), entry_seq=2))
    card = "INSERT INTO card (message_id, family, lane, token, made_at, content) VALUES (:id, 'rivera', 'danger', 't', '2026-11-26', '{}')"
    delivery = (
        "INSERT INTO delivery (family, message_id, kind, channel, address, content, out_id, state, attempts, next_at) "
        "VALUES ('rivera', :id, 'alarm', 'sms', 'x', '{}', 'o', 'pending', 0, '2026-11-26')"
    )
    for statement in (card, delivery):
        with pytest.raises(StoreError), store.write() as session:
            session.execute(text(statement), {"id": 1})
        with store.write() as session:
            session.execute(text(statement), {"id": 2})
    for change in ("provenance = 'received'", "written_at = NULL"):
        with pytest.raises(StoreError), store.write() as session:
            session.execute(text(f"UPDATE message SET {change} WHERE id = 1"))


def test_messages_from_before_the_migration_count_as_received(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO message (family, channel, received_at, sha256, size, envelope, fingerprint, entry_seq, state, starts)"
                " VALUES ('rivera', 'sms', '2026-11-26 00:00:00', 'x', 1, '{}', 'x', 1, 'done', 1)"
            )
        )
    store.migrate()
    with store.read() as session:
        assert [(r.provenance, r.written_at) for r in session.scalars(select(MessageRow))] == [("received", None)]
    store.close()


def test_a_message_that_cannot_be_read_is_set_aside_without_a_card(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.run("import", "whatsapp", archive(home, "whatsapp"), "--later")
    row = next(r for r in home.rows(MessageRow) if r.envelope["archive"]["line"] == 9)
    path_of(Blobs(home.folder / "data" / "blobs"), row.family, row.sha256).write_bytes(THREAT.encode())
    status, _, _ = home.run("import", "whatsapp", archive(home, "whatsapp"))
    assert status == 0
    assert [r.state for r in home.rows(MessageRow) if r.id == row.id] == ["shunted"]
    assert (home.rows(CardRow), home.rows(DeliveryRow)) == ([], [])


def test_what_is_new_does_not_wait_behind_an_import(tmp_path: Path) -> None:
    """While hundreds of old messages wait, a threat that comes in now is an alarm at once; the old ones stay silent."""
    with open_world(tmp_path) as world:
        mine = Family.model_validate(family())
        cast = Cast(mine, by_name=True)
        file = write(tmp_path, "long.txt", long_chat(400).replace("Pickup number 1 is", THREAT))
        chat = open_archive("whatsapp", file, cast, zone="America/Chicago", order=None, today=utc_now().date())
        blobs = Blobs(world.settings.data / "blobs")
        keeper = Keeper(world.store, blobs)
        Importer(world.store, blobs, keeper, mine, utc_now).run(chat, cast)
        keeper.close()
        blobs.close()
        world.send(SAMPLES[5])
        wait_until(lambda: alarms_sent(world) > 0, 20)
        with world.store.read() as session:
            assert session.scalar(select(func.count()).where(MessageRow.state == "stored")), (
                "the old ones were read first"
            )
        world.settle(120)
        assert len(world.cards()) == 1
        assert world.lanes().count("danger") == 2


def alarms_sent(world: World) -> int:
    with world.store.read() as session:
        return session.scalar(select(func.count()).where(DeliveryRow.kind == "alarm", DeliveryRow.state == "sent")) or 0


def test_an_import_that_breaks_off_says_how_much_is_safe(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put, rounds = fresh.put, iter(range(100))

    def failing(connection: Connection, contents: dict[str, bytes]) -> None:
        if next(rounds) >= 2:
            raise StoreError("the database refused: OperationalError")
        put(connection, contents)

    file = str(write(home.folder, "chat.txt", long_chat(300)))
    with monkeypatch.context() as patch:
        patch.setattr(fresh, "put", failing)
        with pytest.raises(StoreError, match=r"(?s)messages are safe. Repeat the command and it goes on from there."):
            CliRunner().invoke(cli.app, ["import", "whatsapp", file, "--dir", str(home.folder)], catch_exceptions=False)
    assert home.kinds()[-1] == "import broken off"
    assert home.run("import", "whatsapp", file, "--later")[0] == 0
    assert len(home.rows(MessageRow)) == 300
