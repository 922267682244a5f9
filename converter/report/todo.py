"""The steps until campaigns run as a script: `--todo FILE.sh`, and one for a migration."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import IO, NamedTuple

from converter.findings.catalogue import CATALOGUE
from converter.pasted import word
from converter.reading import read_text
from converter.report.checklist import PARTS, SECTIONS, in_parts
from converter.report.model import Step
from converter.text import one_line

__all__ = ["Todo", "as_script", "holds_back", "is_untouched", "located", "todos"]

_USUAL = ("credentials", "uploads", "definitions", "prestaging", "campaigns")
"""Those that are done unasked: before the launches somebody looks at the tests."""


_DONE = ("define", "prestage", "launch")
"""Kinds of tasks that are steps of the script."""


class Todo(NamedTuple):
    """A step of a script.

    section    one of PARTS
    campaigns  whose it is
    script     a verb and its arguments
    """

    section: str
    campaigns: Sequence[str]
    script: Sequence[str]


def located(script: Sequence[str], places: Mapping[str, str]) -> tuple[str, ...]:
    """A step with the path of its file, if it has one: base name → path from the script."""
    verb, *words = script
    if verb in ("upload", "campaign"):
        *who, file = words
        words = [*who, places.get(file, file)]
    return (verb, *words)


def todos(steps: Iterable[Step], places: Mapping[str, str]) -> list[Todo]:
    """The steps of one checklist; `places` as for `located`."""
    return [
        Todo(part, step.campaigns, located(step.script, places)) for part, step in in_parts(steps)
    ]


def holds_back(code: str, need: str) -> bool:
    """Whether a finding keeps the script from launching: not what its own steps see to."""
    task = CATALOGUE[code].task
    return need == "block" and (task is None or task.kind not in _DONE)


def as_script(
    steps: Iterable[Todo], about: str, blocked: Iterable[tuple[str, Sequence[str]]] = ()
) -> Iterator[str]:
    """The script that does the steps, piece by piece.

    steps    each once, by section in the order of PARTS
    about    what it is for, on one line
    blocked  campaigns that it does not launch, and the codes of what is in the way

    It ends with a checksum of itself, by which `is_untouched` sees that nobody has edited it.
    """
    digest = hashlib.sha256()
    for piece in _pieces(steps, about, blocked):
        digest.update(piece.encode("utf-8", "surrogateescape"))
        yield piece
    yield f"# xml2poms {digest.hexdigest()}\n"


def is_untouched(script: IO[bytes]) -> bool:
    """Whether a script is as it was written; that of a large migration is never all in memory."""
    start = max(0, script.seek(0, os.SEEK_END) - io.DEFAULT_BUFFER_SIZE)
    script.seek(start)
    before, sign, digest = script.read().rpartition(b"# xml2poms ")
    found = hashlib.sha256()
    script.seek(0)
    left = start + len(before)
    while portion := script.read(min(left, io.DEFAULT_BUFFER_SIZE)):
        found.update(portion)
        left -= len(portion)
    return bool(sign) and found.hexdigest().encode() == digest.strip()


def _pieces(
    steps: Iterable[Todo], about: str, blocked: Iterable[tuple[str, Sequence[str]]]
) -> Iterator[str]:
    text = read_text(os.path.join(os.path.dirname(__file__), "templates", "todo.sh"))
    for slot, value in (
        ("@ABOUT@", one_line(about)),
        ("@SECTIONS@", " ".join(SECTIONS)),
        ("@USUAL@", " ".join(_USUAL)),
    ):
        text = text.replace(slot, value)
    before, after = re.split(r"^@STEPS@\n", text, maxsplit=1, flags=re.MULTILINE)
    yield before
    parts = iter(PARTS)
    for name, own in groupby(steps, key=lambda one: one.section):
        for empty in iter(parts.__next__, name):
            yield f"{empty}() {{\n    :\n}}\n\n"
        yield f"{name}() {{\n"
        for one in own:
            yield f"    step {' '.join(map(word, [','.join(one.campaigns), *one.script]))}\n"
        yield "}\n\n"
    for empty in parts:
        yield f"{empty}() {{\n    :\n}}\n\n"
    yield "blocked() { # CAMPAIGN: what keeps it from being launched\n    case $1 in\n"
    number = 0
    for campaign, codes in blocked:
        number += 1
        yield f"    {word(campaign)}) echo {word(', '.join(codes))} ;;\n"
    yield f"    esac\n}}\n\nheld_back={number}\n\n"
    yield after
