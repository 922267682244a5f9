"""What each stage of a campaign sets, before it is decided where in the file it stands."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar, Union

from msgspec import Struct

from converter.text import Text

__all__ = [
    "IDENTITY",
    "OVERRIDE_ME",
    "CampaignConfig",
    "Entry",
    "Key",
    "Place",
    "Slot",
    "StageConfig",
    "commonest",
    "macros_in",
    "stem",
]

T = TypeVar("T", bound=Hashable)
Key = tuple[str, str]
"""A section and a key in it, as fife_launch knows them: ("submit", "lines_2")."""


class Slot(Struct, frozen=True, gc=False):
    """Something that gets its key only when all that a stage has of its kind is numbered.

    kind  "argument" of the first executable, "line" of a script, "file" that goes with the jobs,
          or any other "entry" of several
    name  which of them; of lines the setting that stands in them, in as many as it does
    """

    kind: str
    name: str


class Entry(Struct, frozen=True, gc=False):
    """One of several things of a kind: lines that belong together, each with its slots."""

    lines: tuple[tuple[Text, tuple[Slot, ...]], ...]
    sources: tuple[str, ...] = ()

    def alike(self, other: Entry) -> bool:
        """Whether the other's lines are written in the same way."""
        return len(self.lines) == len(other.lines) and all(
            mine.alike(its) for (mine, _), (its, _) in zip(self.lines, other.lines)
        )


Place = Union[Key, Slot]
"""Where something stands in what is written for a stage."""

OVERRIDE_ME = "override_me"
"""The field's word for a macro that a stage has to set."""

IDENTITY = ("stage", "fclfile", "sam_dataset")
"""Macros that say what a stage is: they always stand in the stage."""

MAX_NUMBER = 99
"""fife_launch strips one or two digits from a numbered key, no more."""

MAX_COMMAND = 131_071
"""Bytes that the system takes in one argument: fife_launch gives a shell its whole command so."""


class StageConfig(Struct):
    """All that one stage sets.

    name    the stage's name in the file, `[stage_NAME]`
    traits  what it is, e.g. "from_sam", "declared": stages with a trait in common share
    values  (section, key) → value, in the order of the file; macros are section "global"
    series  (section, stem) → what repeats under numbered keys, in order
    slots   the keys that slots have become, once they are numbered
    sources (section, key) → where it comes from, e.g. "41 <memory>"
    remarks settings that have no counterpart, as they will be shown in a comment
    """

    name: str
    traits: tuple[str, ...]
    values: dict[Key, Text] = {}
    series: dict[Key, list[Entry]] = {}
    slots: dict[Slot, list[Key]] = {}
    sources: dict[Key, tuple[str, ...]] = {}
    remarks: list[str] = []

    def set(self, section: str, key: str, value: Text | str, sources: tuple[str, ...] = ()) -> Key:
        """Give a key its value, again if it has one."""
        where = section, key
        self.values[where] = value if isinstance(value, Text) else Text(value)
        if sources:
            self.sources[where] = sources
        return where

    def add(
        self, section: str, stem: str, value: Text | str, sources: tuple[str, ...] = ()
    ) -> Slot:
        """Append one of several: STEM_1, STEM_2, …"""
        entries = self.series.get((section, stem), ())
        slot = Slot("entry", f"{section}.{stem} {len(entries)}")
        text = value if isinstance(value, Text) else Text(value)
        self.append(section, stem, Entry(((text, (slot,)),), sources))
        return slot

    def append(self, section: str, stem: str, entry: Entry) -> None:
        """Append what belongs together in several lines."""
        self.series.setdefault((section, stem), []).append(entry)

    def argument(self, name: str, words: Text) -> Slot:
        """Append an argument of the first executable."""
        slot = Slot("argument", name)
        self.append("executable", "arg", Entry(((words, (slot,)),)))
        return slot

    @property
    def everything(self) -> Iterator[tuple[Key, Text]]:
        """All that stands in the file for the stage; what repeats under its stem."""
        yield from self.values.items()
        for where, entries in self.series.items():
            yield from ((where, text) for entry in entries for text, _ in entry.lines)

    def section(self, name: str) -> dict[str, Text]:
        """The keys of a section."""
        return {key: text for (section, key), text in self.values.items() if section == name}

    def __iter__(self) -> Iterator[tuple[Key, Text]]:
        return iter(self.values.items())


class CampaignConfig(Struct):
    """A campaign: the macros that all stages share, and the stages.

    macros   name → value, in the order of definition; only those in use are written
    entities names among them that were XML entities
    heading  comment lines for the top of the file
    next     macros that people change for the next campaign: the release, the project
    """

    macros: dict[str, Text]
    entities: tuple[str, ...]
    stages: list[StageConfig]
    heading: list[str] = []
    source: str = ""
    """Name of the XML file, for the comments that say where something comes from."""
    next: tuple[str, ...] = ()
    scripts: dict[str, str] = {}
    """Name → text of the scripts that are files beside it."""


def macros_in(texts: Iterable[Text], macros: Mapping[str, Text]) -> set[str]:
    """The macros that texts need, directly or through others."""
    found: set[str] = set()
    left = list(texts)
    while left:
        for name in left.pop().names:
            if name not in found:
                found.add(name)
                if name in macros:
                    left.append(macros[name])
    return found


def commonest(values: Sequence[T]) -> T:
    """The value that stands there most often; of several the first."""
    first = values[0]
    if all(value == first for value in values):
        return first
    counts: dict[T, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=counts.__getitem__)


@lru_cache(maxsize=2048)
def stem(key: str) -> tuple[str, int]:
    """A numbered key's stem and number; a key without one has number 0."""
    match = re.fullmatch(r"(.+)_(\d{1,2})", key)
    return (match.group(1), int(match.group(2))) if match else (key, 0)
