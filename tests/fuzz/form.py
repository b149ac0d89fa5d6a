"""Any bytes as the body of a text webhook. Run by `make fuzz`."""

import sys

import atheris

with atheris.instrument_imports(include=["gateway.parsing"]):
    from gateway.parsing import parse_sms
    from gateway.parsing.describe import as_json


def one(raw: bytes) -> None:
    """It is read, its segments cover, and it can be shown."""
    reading = parse_sms(raw)
    assert "".join(reading.body[s.start : s.end] for s in reading.segments) == reading.body
    str(as_json(reading)).encode("utf-8")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
