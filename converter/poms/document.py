"""The sections of a campaign.cfg or .ini as Python's ConfigParser has them, nothing expanded.

A file that is plain has sections, `key = value` on one line each, comments on lines of their
own, and nothing else: what ConfigParser makes of it can be had at a tenth of its price.  Any
other text ConfigParser reads itself.
"""

from __future__ import annotations

import configparser
from collections.abc import Callable, Mapping
from functools import cached_property

from msgspec import Struct

__all__ = ["Document", "Section", "merge", "parse"]

Section = Mapping[str, str]
"""Key → value as it stands there."""


class Document(Struct, frozen=True, dict=True):
    """What one text, or several in their order, set.

    defaults  keys of [DEFAULT], which every section has
    """

    sections: Mapping[str, Section]
    defaults: Section = {}

    @cached_property
    def unstaged(self) -> Mapping[str, Section]:
        """The sections that are not those of one stage, or parent of stages."""
        return {name: keys for name, keys in self.sections.items() if name[:6] != "stage_"}

    def items(self, section: str) -> dict[str, str]:
        """The keys of a section, those of [DEFAULT] first."""
        return {**self.defaults, **self.sections[section]}


def parse(text: str, name: str = "<string>", *, key: Callable[[str], str] = str) -> Document:
    """Read a text.

    name  of the file, for errors
    key   what a key becomes: fife_launch leaves it as it is, POMS writes it small

    Raises configparser.Error where ConfigParser does.
    """
    found = _plain(text)
    if found is not None and (
        key is str or all(k == key(k) for own in found.values() for k in own)
    ):
        return Document(found)
    parser = configparser.RawConfigParser()
    parser.optionxform = key  # type: ignore[assignment,method-assign]
    parser.read_string(text, name)
    defaults = dict(parser.defaults())
    # Then sections show their own keys alone.
    parser.defaults().clear()  # type: ignore[attr-defined]
    return Document({one: dict(parser.items(one)) for one in parser.sections()}, defaults)


def merge(first: Document, then: Document) -> Document:
    """Two texts, one read after the other: what is in both counts as the later one has it."""
    if not first.sections and not first.defaults:
        return then
    sections = dict(first.sections)
    for name, keys in then.sections.items():
        sections[name] = {**sections[name], **keys} if name in sections else keys
    return Document(sections, {**first.defaults, **then.defaults})


def _plain(text: str) -> dict[str, dict[str, str]] | None:
    """Section → key → value; None where the text is not plain.

    What is not plain is for ConfigParser: continued lines, `:`, [DEFAULT], anything twice,
    anything that it would refuse.
    """
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in text.split("\n"):
        first = line[:1]
        if first in ("", "#"):
            continue
        if first == "[":
            if line[-1] != "]" or "]" in line[1:-1]:
                return None
            name = line[1:-1]
            if name in found or not name or name == "DEFAULT":
                return None
            current = found[name] = {}
            continue
        key, equals, value = line.partition("=")
        key = key.rstrip()
        if not key or first == ";" or first.isspace() or ":" in key:
            return None
        if current is None or not equals or key in current:
            return None
        current[key] = value.strip()
    return found
