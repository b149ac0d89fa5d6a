"""Nobody who is told about the parent is the other parent."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.demo.sample import EX_EMAIL, EX_PHONE, RELAY_EMAIL, RELAY_PHONE, family
from gateway.family import Family


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"person": [{"name": "Ruth", "role": "safety contact", "phones": [EX_PHONE]}]}, "Ruth: .* is the other parent's"),
        ({"person": [{"name": "Ruth", "role": "reviewer", "emails": [EX_EMAIL.upper()]}]}, "Ruth: .* is the other parent's"),
        ({"person": [{"name": "Jo", "role": "relative", "emails": [EX_EMAIL]}], "alarms": {"also": ["Jo"]}}, "Jo: .* other parent's"),
        ({"checkpoints_to": [EX_EMAIL]}, "checkpoints_to: .* is the other parent's"),
        ({"person": [{"name": "Ruth", "role": "safety contact", "emails": [RELAY_EMAIL]}]}, "Ruth: .* is the relay's own"),
        ({"parent": {"name": "Dana", "phones": [RELAY_PHONE]}}, "Dana: .* is the relay's own"),
    ],
)  # fmt: skip
def test_settings_that_would_tell_the_other_parent_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Family.model_validate(family() | {"cards_by": ["email"]} | changes)


def test_a_number_that_the_other_parents_partner_shares_is_no_fault() -> None:
    people = [{"name": "Kim", "role": "partner", "phones": [EX_PHONE]}]
    assert Family.model_validate(family() | {"person": people}).people[0].name == "Kim"
