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
        if not line or line[0] == "#":
            continue
        key, equals, value = line.partition("=")
        if line[0] == "[":
            if line[-1] != "]" or "]" in line[1:-1]:
                return None
            name = line[1:-1]
            if name in found or not name or name == "DEFAULT":
                return None
            current = found[name] = {}
            continue
        key = key.rstrip()
        if current is None or not equals or key in current or not _is_plain(key):
            return None
        current[key] = value.strip()
    return found


def _is_plain(key: str) -> bool:
    return bool(key) and not key[0].isspace() and key[0] != ";" and ":" not in key
