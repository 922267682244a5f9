"""The texts that several campaigns have in one place: what of them is alike, and what varies."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Column", "around", "is_distinctive", "parts_of"]

Column = tuple[str, ...]
"""A text for each campaign, in their order."""

_TOKEN = re.compile(r"%\([^)]*\)s|%%|[A-Za-z0-9_.+-]+|.", re.DOTALL)
_MOST_PARTS = 3
"""Texts that vary in more places than so many are one value."""

_BORDERS = "_-./: "
_SHORTEST = 4


def parts_of(texts: Column) -> list[str | Column]:
    """What is alike in all texts, and between that what varies, by whole words and references.

    A part that varies is nowhere empty.
    """
    words = {text: tuple(_TOKEN.findall(text)) for text in dict.fromkeys(texts)}
    if len(words) == 1:
        return [texts[0]]
    lengths = {len(one) for one in words.values()}
    if len(lengths) == 1:
        found = _side_by_side(texts, words)
        if sum(not isinstance(part, str) for part in found) <= _MOST_PARTS:
            return found
    return _between(texts, words)


def _side_by_side(texts: Column, words: dict[str, tuple[str, ...]]) -> list[str | Column]:
    """Texts of equally many words, place by place."""
    found: list[str | Column] = []
    for one in zip(*words.values()):
        alike = len(set(one)) == 1
        before = found[-1] if found else None
        if alike:
            if isinstance(before, str):
                found[-1] = before + one[0]
            else:
                found.append(one[0])
            continue
        known = dict(zip(words, one))
        column = tuple(known[text] for text in texts)
        if before is not None and not isinstance(before, str):
            found[-1] = tuple(a + b for a, b in zip(before, column))
        else:
            found.append(column)
    return found


def _between(texts: Column, words: dict[str, tuple[str, ...]]) -> list[str | Column]:
    """What is between the common beginning and the common end."""
    listed = list(words.values())
    shortest = min(map(len, listed))
    start = next((n for n in range(shortest) if len({w[n] for w in listed}) > 1), shortest)
    end = next(
        (n for n in range(shortest - start) if len({w[-1 - n] for w in listed}) > 1),
        shortest - start,
    )
    if start + end == shortest:
        # In one of them nothing is between: a word of what is alike goes with it.
        start, end = (start - 1, end) if start else (start, max(end - 1, 0))
    first = listed[0]
    before, after = "".join(first[:start]), "".join(first[len(first) - end :])
    known = {text: "".join(one[start : len(one) - end]) for text, one in words.items()}
    column = tuple(known[text] for text in texts)
    return [part for part in (before, column, after) if part]


def around(texts: Column, name: Column) -> tuple[str, str] | None:
    """What stands before and after a name in all texts, if they are made of it alike."""
    first, value = texts[0], name[0]
    at = first.find(value)
    if at < 0 or any(len(one) < _SHORTEST or "%" in one for one in name):
        return None
    before, after = first[:at], first[at + len(value) :]
    if "%" in before + after:
        return None
    if (before and before[-1] not in _BORDERS) or (after and after[0] not in _BORDERS):
        return None
    if all(text == before + one + after for text, one in zip(texts, name)):
        return before, after
    return None


def is_distinctive(texts: Sequence[str]) -> bool:
    """Whether equal texts mean the same thing: no mere words or numbers."""
    return all(
        len(text) >= 6 and not text.isdigit() and re.search(r"[^A-Za-z]", text) for text in texts
    )
