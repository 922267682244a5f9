"""Values that differ only by the stage's name, written once with %(stage)s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from converter.poms.escape import SAFE
from converter.text import Text

__all__ = ["generalise"]


def generalise(named: Sequence[tuple[str, Text]], *, single: bool) -> list[Text]:
    """For each (stage name, value): the value with %(stage)s, where that makes them alike.

    With `single`, the value of an only stage is generalised too, if the name is a whole part of
    a path in it.
    """
    plain = [text for _, text in named]
    general = [_with_stage(name, text, part=len(named) == 1) for name, text in named]
    if len(named) == 1:
        return general if single else plain
    return general if _count(general) < _count(plain) else plain


def _count(texts: list[Text]) -> int:
    return len({text.template for text in texts})


def _with_stage(name: str, text: Text, *, part: bool) -> Text:
    pattern = _pattern(name, part=part) if name in text.string else None
    return text.replace(pattern, "stage") if pattern is not None else text


@lru_cache(maxsize=1024)  # as many as a document may have
def _pattern(name: str, *, part: bool) -> re.Pattern[str] | None:
    if not SAFE.fullmatch(name):
        return None
    ends = r"(?<![^/])", r"(?![^/])"
    if not part:
        ends = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
    return re.compile(ends[0] + re.escape(name) + ends[1])
