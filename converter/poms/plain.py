"""Reading files that are as plain as those written here, which is most of all files.

A plain file has sections, `key = value` on one line each, comments on lines of their own, and
nothing else: what Python's ConfigParser makes of it can be had at a tenth of its price.
"""

from __future__ import annotations

__all__ = ["sections"]


def sections(text: str) -> dict[str, dict[str, str]] | None:
    """Section → key → value as it stands there; None where the text is not plain.

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
