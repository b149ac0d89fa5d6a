from datetime import UTC, datetime, timedelta

from gateway.intake.refusals import EACH, Refusals
from gateway.ledger import INSTALLATION, entries
from gateway.store import Store

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def bodies(store: Store) -> list[dict]:
    with store.read() as session:
        return [dict(e.body) for e in entries(session, INSTALLATION)]


def test_a_flood_of_refusals_does_not_fill_the_log(store: Store) -> None:
    now = [NOW]
    refusals = Refusals(store, lambda: now[0])
    for _ in range(500):
        refusals.record("unknown recipient", "email")
    refusals.record("wrong signature", "sms")
    assert len(bodies(store)) == EACH + 1
    now[0] += timedelta(hours=1)
    refusals.record("unknown recipient", "email")
    assert bodies(store)[-2:] == [
        {"why": "unknown recipient", "channel": "email", "more": 500 - EACH, "since": "2026-11-24T12:00:00.000000Z"},
        {"why": "unknown recipient", "channel": "email"},
    ]


def test_a_clean_stop_writes_the_open_counts(store: Store) -> None:
    refusals = Refusals(store, lambda: NOW)
    for _ in range(EACH + 3):
        refusals.record("too large", "email", size=9)
    refusals.close()
    assert bodies(store)[-1]["more"] == 3
    refusals.close()
    assert len(bodies(store)) == EACH + 1
