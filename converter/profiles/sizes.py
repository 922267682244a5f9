"""How large the files of a dataset are: what somebody says, or what samweb does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from msgspec import Struct

__all__ = ["FileSize", "size_in", "size_of"]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
"""Sizes are decimal, as SAM and project.py count them."""


class FileSize(Struct, frozen=True):
    """Mean size of a file, in bytes, and the number of files, if that is known."""

    mean: float
    count: int | None = None


def size_in(text: str) -> FileSize:
    """A size such as 250MB, or what samweb prints of a dataset.

    Of samweb: `list-files --summary`, or the lines of `list-files --fileinfo` (name, number,
    size, events).  Raises ValueError for anything else.
    """
    plain = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?B)?", text.strip(), re.IGNORECASE)
    if plain is not None:
        return _positive(float(plain[1]) * _UNITS[(plain[2] or "").upper()])
    count = re.search(r"^File count:\s*(\d+)\s*$", text, re.MULTILINE)
    total = re.search(r"^Total size:\s*(\d+)\s*$", text, re.MULTILINE)
    if count is not None and total is not None and int(count[1]):
        return _positive(int(total[1]) / int(count[1]), int(count[1]))
    sizes = [int(words[2]) for words in map(str.split, text.splitlines()) if len(words) > 2]
    if not sizes:
        raise ValueError("no size such as 250MB, and not what samweb list-files --summary prints")
    return _positive(sum(sizes) / len(sizes), len(sizes))


def _positive(mean: float, count: int | None = None) -> FileSize:
    if mean <= 0:
        raise ValueError("a file has at least one byte")
    return FileSize(mean, count)


def size_of(dataset: str, sizes: Mapping[str, FileSize]) -> FileSize | None:
    """That of the first pattern that is like the dataset's name."""
    return next((size for name, size in sizes.items() if fnmatchcase(dataset, name)), None)
