"""kill -9 before and after every commit while texts are read together: nothing is lost, nothing is made twice."""

import signal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from gateway.clock import utc_now
from gateway.demo.sample import EX_PHONE, RELAY_PHONE
from gateway.intake.keep import Arrival, Keeper
from gateway.ledger import entries, verify
from gateway.store import Blobs, Store
from gateway.store.tables import CardRow, DecisionRow, DeliveryRow, MessageRow, OptOutRow
from tests.intake import killed_worker
from tests.lives import spawn

WAIT = 0.3
MOST = 60


def keep(folder: Path, *texts: str) -> None:
    store = Store(f"sqlite:///{folder / 'test.db'}")
    blobs = Blobs(folder / "blobs", store)
    store.migrate()
    keeper = Keeper(store, blobs)
    now = utc_now()  # one moment for all: on a busy machine the texts would lie further apart than the wait
    for number, words in enumerate(texts):
        form = {"MessageSid": f"SM{number}", "From": EX_PHONE, "To": RELAY_PHONE, "Body": words}
        raw = urlencode(form).encode()
        envelope = {"mail_from": EX_PHONE, "rcpt_to": [RELAY_PHONE]}
        keeper.submit(Arrival("rivera", "UTC", "sms", raw, envelope, now, f"SM{number}")).result(10)
    keeper.close()
    blobs.close()
    store.close()


def live(folder: Path, chosen: int) -> int | None:
    process = spawn.Process(target=killed_worker.run, args=(folder, chosen, WAIT))
    process.start()
    process.join(60)
    return process.exitcode


def killed_everywhere(tmp_path: Path, texts: tuple[str, ...], look) -> int:
    """Kill at each moment in turn, start again, look. How many moments there were."""
    for moment in range(1, MOST):
        folder = tmp_path / str(moment)
        folder.mkdir()
        keep(folder, *texts)
        ended = live(folder, moment)
        if ended == 0:
            return moment - 1
        assert ended == -signal.SIGKILL
        assert live(folder, 0) == 0
        store = Store(f"sqlite:///{folder / 'test.db'}")
        with store.read() as session:
            assert {row.state for row in session.scalars(select(MessageRow))} == {"done"}
            assert verify(entries(session))["rivera"] > 0
            look(session)
        store.close()
    raise AssertionError("the work never ended")


@pytest.mark.timeout(300)
def test_a_group_is_concluded_once(tmp_path: Path) -> None:
    def look(session) -> None:
        (card,) = session.scalars(select(CardRow)).all()
        assert [i["text"] for i in card.content["items"]] == ["pickup is at 6 on friday"]
        made = session.scalars(select(DecisionRow).order_by(DecisionRow.message_id)).all()
        assert [d.detail["group"]["place"] for d in made] == [1, 2, 3]
        kinds = [e.kind for e in entries(session, "rivera")]
        assert kinds == ["received"] * 3 + ["text waits"] * 3 + ["decided"] * 3
        assert len(session.scalars(select(DeliveryRow)).all()) == 2  # one mail, one text

    assert killed_everywhere(tmp_path, ("pickup is at", "6", "on friday"), look) >= 14


@pytest.mark.timeout(300)
def test_an_alarm_and_an_opt_out_beside_it_are_made_once(tmp_path: Path) -> None:
    def look(session) -> None:
        assert sorted(c.lane for c in session.scalars(select(CardRow))) == ["danger", "facts", "facts"]
        kinds = [e.kind for e in entries(session, "rivera")]
        assert (kinds.count("alarm"), kinds.count("opted out"), kinds.count("decided")) == (1, 1, 4)
        (row,) = session.scalars(select(OptOutRow)).all()
        assert (row.number, row.state, row.message_id) == (EX_PHONE, "out", 4)
        by_kind = [d.kind for d in session.scalars(select(DeliveryRow).order_by(DeliveryRow.kind))]
        assert by_kind == ["alarm"] + ["card"] * 4 + ["notice"] * 2

    texts = ("soccer is moved to", "I will kill you", "4 on saturday", "STOP")
    assert killed_everywhere(tmp_path, texts, look) >= 14
