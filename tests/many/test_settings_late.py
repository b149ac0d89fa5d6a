"""A change of settings that comes between the look at what there is to do and the doing holds for what comes after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.changes import Changes, puts
from gateway.clock import utc_now
from gateway.many.claims import Candidates, Claim, Families
from gateway.many.roles import Role
from gateway.policy import load_rules
from gateway.serve import Gateway
from gateway.store.tables import DecisionRow
from tests.many.installation import Installation, installation, mail
from tests.many.server import Server

pytestmark = pytest.mark.timeout(120)


class Late(Families):
    """Claims, where a change and then a message come just before it is asked what there is to do."""

    place: Installation

    @contextmanager
    def hold(self, work: str, candidates: Candidates) -> Iterator[Claim | None]:
        with super().hold(work, lambda: (self._come(), candidates())[1]) as claim:
            yield claim

    def _come(self) -> None:
        place = self.place
        families = place.settings.families_by_address()
        changes = Changes(place.settings.directory, place.store, families, utc_now, load_rules().for_family)
        changes.make("family0", puts({("contact",): "no-contact"}), "parent")
        place.send(mail(0, 0, "Emma's dentist appointment is Tuesday at 3:30."), 0)


def test_a_message_after_a_change_is_concluded_by_it(tmp_path: Path, server: Server) -> None:
    with server.database() as url, installation(tmp_path, url, 1) as place:
        place.start("intake-1")
        gateway = Gateway(place.settings, roles=frozenset({Role.WORKER}))
        gateway.following.begin()
        claims = Late(gateway.store, gateway.following.step)
        claims.place = place
        gateway.worker._claims = claims
        assert gateway.worker.step()
        with place.store.read() as session:
            (decision,) = session.scalars(select(DecisionRow))
            assert decision.detail.get("mode") == "no-contact"
        gateway.keeper.close()
        gateway.refusals.close()
        gateway._close()
        place.stop()
