"""What each stage of a campaign sets, before it is decided where in the file it stands."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from converter.text import Text

__all__ = ["IDENTITY", "OVERRIDE_ME", "CampaignConfig", "Key", "StageConfig", "commonest", "stem"]

T = TypeVar("T", bound=Hashable)
Key = tuple[str, str]
"""A section and a key in it, as fife_launch knows them: ("submit", "lines_2")."""

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
    args    arguments of the first executable: (what it is for, the words), in order
    sources (section, key) → where it comes from, e.g. "41 <memory>"
    remarks settings that have no counterpart, as they will be shown in a comment
    """

    name: str
    traits: tuple[str, ...]
    values: dict[Key, Text] = {}
    args: list[tuple[str, Text]] = []
    sources: dict[Key, tuple[str, ...]] = {}
    remarks: list[str] = []
    _numbers: dict[Key, int] = {}
    _further: dict[Key, list[Text]] = {}

    def set(self, section: str, key: str, value: Text | str, sources: tuple[str, ...] = ()) -> Key:
        """Give a key its value, again if it has one."""
        where = section, key
        self.values[where] = value if isinstance(value, Text) else Text(value)
        if sources:
            self.sources[where] = sources
        return where

    def add(self, section: str, stem: str, value: Text | str, sources: tuple[str, ...] = ()) -> Key:
        """Append a repeated key: STEM_1, STEM_2, …; from the 99th on all share one key."""
        number = self._numbers[section, stem] = self._numbers.get((section, stem), 0) + 1
        if number <= MAX_NUMBER:
            return self.set(section, f"{stem}_{number}", value, sources)
        where = section, f"{stem}_{MAX_NUMBER}"
        further = self._further.setdefault(where, [self.values[where]])
        further.append(value if isinstance(value, Text) else Text(value))
        return where

    def join_further(self) -> None:
        """Give the keys with the number 99 all that they have to hold."""
        for (section, key), texts in self._further.items():
            self.values[section, key] = Text.join(_between(section, stem(key)[0]), texts)
        self._further.clear()

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
    """

    macros: dict[str, Text]
    entities: tuple[str, ...]
    stages: list[StageConfig]
    heading: list[str] = []
    source: str = ""
    """Name of the XML file, for the comments that say where something comes from."""


def _between(section: str, stem: str) -> str:
    """What stands between two values of one key, for the reader that takes it apart.

    That of [submit] is the shell at launch, of [job_output] the shell of the job; a setup is a
    line of a script.
    """
    if section == "submit":
        return f" -{stem} " if len(stem) == 1 else f" --{stem}="
    if section.startswith("job_output"):
        return f" --{stem}{section.removeprefix('job_output').removeprefix('_')} "
    return f"; {stem} "


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
