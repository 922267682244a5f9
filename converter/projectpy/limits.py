"""How large a document may be: far above real files, so that none takes long or much memory.

Real ones, the largest of each among 878: 27 kB, 360 settings, 29 stages, 5 projects, 76 fcl files
in all stages and 12 of one, 22 entities, 800 words.
"""

from __future__ import annotations

from converter.errors import XmlError

__all__ = [
    "MAX_BYTES",
    "MAX_DECLARATIONS",
    "MAX_DEPTH",
    "MAX_ENTITIES",
    "MAX_FCL",
    "MAX_FCL_IN_ALL",
    "MAX_HELD",
    "MAX_ITEMS",
    "MAX_NAME",
    "MAX_NAMESPACES",
    "MAX_PRODUCTS",
    "MAX_PROJECTS",
    "MAX_REFERENCES",
    "MAX_SETTINGS",
    "MAX_STAGES",
    "MAX_VALUE",
    "MAX_WORDS",
    "within",
]

MAX_BYTES = 1 << 20
"""Of the document, and of the document after expansion of its entities."""

MAX_DEPTH = 32
"""Of elements in one another, and of entities."""

MAX_SETTINGS = 8_000
"""Elements and attributes."""

MAX_NAME = 255
"""Characters of a name: of an element or attribute, of a project or stage.

project.py makes file names of the latter, and no file system takes longer ones.
"""

MAX_ENTITIES = 1_000
"""Declared entities."""

MAX_REFERENCES = 10_000
"""Places where an entity is used."""

MAX_DECLARATIONS = 1_000
"""Other declarations of the DOCTYPE: of elements and attributes."""

MAX_NAMESPACES = 100
"""Declared namespaces."""

MAX_PROJECTS = 50
MAX_STAGES = 1_000
"""Of all projects of a document."""

MAX_VALUE = 1 << 17
"""Characters of a value: a program cannot be given a longer argument."""

MAX_WORDS = 5_000
"""Of one value, between blanks and commas."""

MAX_PRODUCTS = 500
"""Products of a project: `<ups>`, each of which every line of the setup is told to come from."""

MAX_FCL = 300
"""Fcl files of a stage."""

MAX_FCL_IN_ALL = 1_200
"""Fcl files of all stages, each with those that it takes over."""

MAX_ITEMS = 12_000
"""Fcl files, scripts, parameters, words: of all stages, each with what it takes over."""

MAX_HELD = 2 << 20
"""Characters of all values of all stages, each with what it takes over."""


def within(
    count: int, most: int, what: str, file: str | None = None, line: int | None = None
) -> None:
    """Refuse a document of which something is more than the limit.  Raises XmlError.

    what  in the plural: "settings"
    """
    if count > most:
        raise XmlError(
            "X2P003",
            f"{count:,} {what}; a file with more than {most:,} is not converted",
            "check that this is the right file; if it is, split it",
            file=file,
            line=line,
        )
