"""What the log says of the gateway itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.demo.sample import family
from gateway.errors import SettingsError
from gateway.family import Directory, Family
from gateway.ledger import entries
from gateway.lifetime import Watch, lock, note_start
from gateway.settings import Settings
from gateway.store import Store

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def told(store: Store) -> list[tuple[str, dict[str, object]]]:
    with store.read() as session:
        return [(e.kind, dict(e.body)) for e in entries(session, "installation")]


def test_rules_and_tagger_are_noted_where_they_changed(store: Store) -> None:
    families = Directory([Family.model_validate(family())])
    for versions in ({"ruleset": "a"}, {"ruleset": "a"}, {"ruleset": "b"}):
        note_start(store, families, NOW, versions)
    kinds = [kind for kind, _ in told(store)]
    assert kinds == ["started", "rules and tagger", "gap", "started", "gap", "started", "rules and tagger"]
    assert told(store)[-1] == ("rules and tagger", {"ruleset": "b"})


def test_a_clock_that_jumps_is_noted_and_one_that_runs_is_not(store: Store) -> None:
    now, ran = [NOW], [0.0]
    watch = Watch(lambda: now[0], lambda: ran[0])
    for wall, real in ((60, 60), (61, 60), (3660, 60), (-7200, 60), (60, 60)):
        now[0] += timedelta(seconds=wall)
        ran[0] += real
        watch.look(store)
    jumps = [body["seconds"] for kind, body in told(store) if kind == "clock jumped"]
    assert jumps == [3600, -7260]


def test_the_data_belong_to_one_gateway(tmp_path: Path) -> None:
    settings = Settings(directory=tmp_path, server={"data": "."})  # type: ignore[arg-type]
    held = lock(settings)
    with pytest.raises(SettingsError, match="another `breakwater serve` runs"):
        lock(settings)
    held.close()
    lock(settings).close()
