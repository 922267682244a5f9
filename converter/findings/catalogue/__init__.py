"""Every message, by its stable code: what is said, what to do, what `verify` may find.

A code is X2P and three digits; the first digit is the family, a module each.  Codes are never
reused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from functools import cache

from converter.findings.catalogue import (
    batch,
    campaigns,
    inputs,
    output,
    program,
    reading,
    runs,
    scripts,
    software,
    unusable,
)
from converter.findings.message import Message

__all__ = ["CATALOGUE", "FAMILIES", "announcing", "check_slots"]

FAMILIES = {
    "0": "input that cannot be used",
    "1": "reading: tags, names, places",
    "2": "batch requests",
    "3": "software",
    "4": "input",
    "5": "what runs",
    "6": "output",
    "7": "scripts",
    "8": "datasets and campaigns",
    "9": "the command line, files and this program",
}

CATALOGUE: Mapping[str, Message] = {
    message.code: message
    for family in (
        *(unusable, reading, batch, software, inputs),
        *(runs, output, scripts, campaigns, program),
    )
    for message in family.ROWS
}


@cache
def _slots(code: str) -> frozenset[str]:
    return CATALOGUE[code].slots


def check_slots(code: str, slots: Mapping[str, str]) -> None:
    """Raise TypeError unless these are the values that the message needs, no more and no less."""
    if slots.keys() != _slots(code):
        needed, given = sorted(_slots(code)), sorted(slots)
        raise TypeError(f"{code} needs the slots {needed}, and is given {given}")


def announcing(field: str, codes: Set[str]) -> tuple[str, ...]:
    """Those of the codes that announce a difference in a field of `verify`."""
    return tuple(sorted(code for code in codes if _announces(code).fullmatch(field)))


@cache
def _announces(code: str) -> re.Pattern[str]:
    # Without patterns: what matches nothing.
    return re.compile("|".join(CATALOGUE[code].announces) or r"(?!)")
