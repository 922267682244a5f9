"""Values that differ only by the stage's name, written once with %(stage)s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    if name not in text.string or not SAFE.fullmatch(name):
        return text

    def is_apart(sign: str) -> bool:
        return sign in ("", "/") if part else not (sign.isascii() and sign.isalnum())

    def find(string: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        at = string.find(name, start, end)
        while at >= 0:
            after = at + len(name)
            whole = is_apart(string[at - 1 : at]) and is_apart(string[after : min(after + 1, end)])
            if whole:
                yield at, after
            at = string.find(name, after if whole else at + 1, end)

    # Not by a pattern: there is a name for each stage, and to compile one is what takes long.
    return text.replace(find, "stage")
