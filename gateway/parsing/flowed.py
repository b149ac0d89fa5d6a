"""Text/plain with format=flowed (RFC 3676): the lines a program wrapped, joined again.

A line that ends in a blank goes on in the next one of the same quote depth. One blank before a line was put there by
the sending program (space-stuffing). The mark of a signature, `-- `, never flows.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.parsing.lines import Line


def unflow(lines: Sequence[Line], *, delete_space: bool) -> list[Line]:
    """The paragraphs as one line each, quote marks before each quoted one."""
    out: list[Line] = []
    run: list[str] = []
    run_depth = 0
    for line in lines:
        depth = len(line.text) - len(line.text.lstrip(">"))
        text = line.text[depth:]
        text = text.removeprefix(" ")
        is_mark = text == "-- "
        if run and (depth != run_depth or is_mark):
            out.append(_line("".join(run), run_depth))
            run = []
        run_depth = depth
        if text.endswith(" ") and not is_mark:
            run.append(text[:-1] if delete_space else text)
            continue
        out.append(_line("".join([*run, text]), depth))
        run = []
    if run:
        out.append(_line("".join(run), run_depth))
    return out


def _line(text: str, depth: int) -> Line:
    if depth:
        return Line(f"{'>' * depth} {text}")
    return Line(text, plain=text.startswith(">"))
