"""The settings table: one row for every setting of project.py, and that is the law.

The reader reads by it, the ledger accepts no fate and no message that a row does not have,
`explain` and the tests' documents are made from it.  A tag is added here first.
"""

from __future__ import annotations

from collections.abc import Mapping

from converter.findings.fates import Fate
from converter.findings.settings import batch, inputs, names, output, runs, software
from converter.findings.settings.legacy import LEGACY
from converter.findings.settings.row import KINDS, PICKS, Row, Tag

__all__ = [
    "ANY",
    "BESIDE",
    "KINDS",
    "LEGACY",
    "PICKS",
    "PROJECT",
    "STAGE",
    "SUBSTAGE",
    "TABLE",
    "TAGS",
    "Row",
    "Tag",
    "allows",
    "row_of",
    "usual_fate",
]

TABLE: Mapping[str, Row] = {
    row.tag: row for family in (names, batch, software, inputs, runs, output) for row in family.ROWS
}
"""By the tag, or ELEMENT/@NAME of an attribute."""

ANY: Mapping[str, Fate] = {"X2P230": Fate.DERIVED, "X2P503": Fate.DERIVED}
"""Messages that there may be about the text of any setting, and the fate that goes with each."""

BESIDE = frozenset(
    [f"X2P{number}" for number in (221, *range(240, 249), *range(320, 323), 330, 331)]
    + [f"X2P{number}" for number in (430, 431, 432, *range(520, 530), 620, 626, 840, 841, 843)]
)
"""Messages about a number, a path, a request or a role, wherever it is given: beside what becomes
of the setting itself, of which a person may have to correct it."""


def _at(*levels: str) -> Mapping[str, Tag]:
    tags = (tag for row in TABLE.values() for tag in row.places)
    return {tag.name: tag for tag in tags if tag.level in levels}


PROJECT = _at("project", "larsoft")
STAGE = _at("stage")
SUBSTAGE = {name: tag for name, tag in _at("fcl").items() if name not in STAGE}
"""Tags at their levels; those that count in a stage and in its <fcl> are under STAGE."""

TAGS: frozenset[str] = frozenset({"project", *PROJECT, *STAGE, *SUBSTAGE})
"""Every element that means something to project.py somewhere."""


def row_of(tag: str, element: str | None = None) -> Row | None:
    """The row of a tag, or of the attribute `tag` of an element."""
    return TABLE.get(tag if element is None else f"{element}/@{tag}")


def allows(row: Row | None, fate: Fate, code: str) -> bool:
    """Whether the setting can have that fate, with that message ('': with none)."""
    if code in ANY:
        return fate is ANY[code]
    if row is None:
        return False
    if code in BESIDE:
        return fate in row.fates or fate in (Fate.MANUAL, Fate.INVALID)
    return fate in row.fates and (not code or code in row.codes)


def usual_fate(path: str) -> Fate:
    """The fate that a setting usually has, by its path in the document."""
    name = path.rpartition("/")[2].partition("[")[0]
    element = path.split("/")[-2].partition("[")[0] if name.startswith("@") else None
    row = row_of(name.removeprefix("@"), element)
    return row.fates[0] if row is not None else Fate.INERT
