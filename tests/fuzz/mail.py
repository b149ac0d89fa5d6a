"""Any bytes as a mail: no exception, no more than two seconds, no more than 300 MB. Run by `make fuzz`.

python -m tests.fuzz.mail -max_total_time=600 -timeout=2 -rss_limit_mb=300 FOLDER
"""

import sys

import atheris

with atheris.instrument_imports(include=["gateway.parsing"]):
    from tests.parsing.test_anything import check


def one(raw: bytes) -> None:
    """What must hold for every message."""
    check(raw)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
