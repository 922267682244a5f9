"""Names in POMS and of files: of harmless characters, and no two alike in one place."""

from __future__ import annotations

import re
from collections.abc import Set

__all__ = ["apart", "as_name"]


def as_name(text: str) -> str:
    """The text as a name, or a part of one: any other character is `_`."""
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", text)


def apart(stem: str, name: str, avoid: Set[str], taken: Set[str]) -> str:
    """`name` such that nothing else is called STEM-NAME.

    avoid  other files' names without their endings; taken: of the same campaign or document.
           In small letters, all of them
    """
    if any(f"{stem}-{name}".casefold().startswith(f"{other}-") for other in avoid):
        # What the other one's own files are called begins so too.
        name = name.replace("-", "_")
    while f"{stem}-{name}".casefold() in {*avoid, *taken}:
        name += "_"
    return name
