"""Two tabs that change the same page of settings: what was not touched in the second one stays as the first one set it. Pure.

Each field of such a page carries beside it what it held when the page was made (``was-KEY``, hidden). A field that still holds that was
not touched, so whatever stands by now goes on; a field that was touched is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WAS = "was-"


def merged(typed: Mapping[str, str], form: Mapping[str, Any], standing: Mapping[str, str]) -> dict[str, str]:
    """`typed` with what stands in place of what was not touched. A form without marks is taken as it is."""
    return {
        key: standing[key] if key in standing and _same(form.get(f"{WAS}{key}"), text) else text
        for key, text in typed.items()
    }


def _same(was: object, text: str) -> bool:
    return isinstance(was, str) and _plain(was) == _plain(text)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
