"""Names of files that lie in one place: no two alike, on any file system."""

from __future__ import annotations

from collections.abc import Set

__all__ = ["apart"]


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
