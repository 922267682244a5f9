"""A row of the settings table, and how values are read.

The rules of reading are those of larbatch's projectdef.py and stagedef.py (v01_61_04), by what
the code does, not by its help text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from converter.findings.fates import Fate
from converter.text import Text

__all__ = [
    "KINDS",
    "PICKS",
    "Row",
    "Tag",
    "attribute",
    "blankless",
    "comma_list",
    "fcl",
    "larsoft",
    "plain",
    "project",
    "read_float",
    "read_int",
    "row",
    "stage",
    "words",
]


def plain(text: Text) -> str:
    return text.string


def read_int(text: Text) -> int:
    return int(text.string)


def read_float(text: Text) -> float:
    return float(text.string)


def blankless(text: Text) -> str:
    return "".join(text.string.split())


def words(text: Text) -> tuple[str, ...]:
    return tuple(text.string.split())


def comma_list(text: Text) -> tuple[str, ...]:
    return tuple(blankless(text).split(","))


KINDS: Mapping[Callable[[Text], Any], str] = {
    plain: "text",
    blankless: "text, its blanks left out",
    words: "words",
    comma_list: "words with commas between",
    read_int: "an integer",
    read_float: "a number",
}
"""What each way of reading expects."""

PICKS = {
    "last child": "directly inside; the last one counts",
    "first": "anywhere inside; the first one counts",
    "all": "anywhere inside; all of them count",
    "special": "by rules of its own",
}
"""Which of several tags counts."""


class Tag(Struct, frozen=True):
    """A tag at one level.

    level   "project", "larsoft", "stage" or "fcl"
    pick    one of PICKS
    read    one of KINDS, text to value; raises ValueError as project.py does
    default value without the tag; None: the project's value, or no default
    """

    name: str
    level: str
    pick: str
    read: Callable[[Text], Any]
    default: Any


class Row(Struct, frozen=True):
    """All that there is to say of one setting.

    tag       its name; `ELEMENT/@NAME` of an attribute
    places    where it counts, and how it is read there; an attribute is read as it is
    fates     those that it can have, the usual one first
    codes     of the messages that there are about it, besides those about any setting
    becomes   what stands in the campaign.cfg, in words
    example   of the XML
    result    what the example becomes
    untouched its fate where project.py reads it and no rule of the mapping has to look at it;
              None where that would be a defect
    """

    tag: str
    places: tuple[Tag, ...]
    fates: tuple[Fate, ...]
    becomes: str
    codes: frozenset[str] = frozenset()
    example: str = ""
    result: str = ""
    untouched: Fate | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """The elements in which it counts."""
        if not self.places:
            return (self.tag.partition("/")[0],)
        return tuple(place.level for place in self.places)


def row(
    tag: str,
    places: tuple[Tag, ...],
    fates: tuple[Fate, ...],
    becomes: str,
    codes: str = "",
    example: str = "",
    result: str = "",
    untouched: Fate | None = None,
) -> Row:
    """A row for a tag; the codes stand in one string."""
    named = tuple(replace(place, name=tag) for place in places)
    known = frozenset(codes.split())
    return Row(tag, named, fates, becomes, known, example, result, untouched)


def attribute(
    tag: str,
    fates: tuple[Fate, ...],
    becomes: str,
    codes: str = "",
    example: str = "",
    result: str = "",
) -> Row:
    """A row for an attribute."""
    return row(tag, (), fates, becomes, codes, example, result)


def project(
    read: Callable[[Text], Any] = plain, default: Any = "", pick: str = "last child"
) -> Tag:
    return Tag("", "project", pick, read, default)


def larsoft(default: str = "") -> Tag:
    return Tag("", "larsoft", "first", plain, default)


def stage(read: Callable[[Text], Any] = plain, default: Any = "", pick: str = "first") -> Tag:
    return Tag("", "stage", pick, read, default)


def fcl() -> Tag:
    return Tag("", "fcl", "special", plain, "")
