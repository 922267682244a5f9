"""Macros in a campaign.cfg: %(NAME)s and %%, expanded as Python's ConfigParser does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import (
    MAX_INTERPOLATION_DEPTH,
    InterpolationDepthError,
    InterpolationMissingOptionError,
    InterpolationSyntaxError,
)

from converter.errors import CfgError

__all__ = ["Macros", "is_storable"]

_REFERENCE = re.compile(r"%(%|\([^)]+\)s|)")
_NAMED = re.compile(r"%\([^)]+\)s")
_LONGEST = 2**20
"""No command line takes as much: a value that grows beyond it is a mistake, or an attack."""


def is_storable(value: str) -> bool:
    """Whether ConfigParser takes a value that is not read, but set: no percent sign alone."""
    return "%" not in _NAMED.sub("", value.replace("%%", ""))


class Macros:
    """What references in a value stand for; each is expanded once.

    values  name → raw value
    others  the same, for names that `values` does not have
    """

    def __init__(self, values: Mapping[str, str], others: Mapping[str, str] = {}) -> None:
        self._values, self._others = values, others
        self._known: dict[str, tuple[str, int]] = {}

    def expand(self, section: str, key: str, raw: str) -> str:
        """A raw value, expanded.

        section, key  where it stands, for errors

        Raises configparser.Error where ConfigParser does, CfgError for what grows endlessly.
        """
        return self._expand(section, key, raw, 1)[0] if "%" in raw else raw

    def _expand(self, section: str, key: str, raw: str, depth: int) -> tuple[str, int]:
        """The value, and how many levels of macros are in it."""
        if depth > MAX_INTERPOLATION_DEPTH:
            raise InterpolationDepthError(key, section, raw)
        levels = 1
        # Text and what follows a percent sign, by turns.
        parts = _REFERENCE.split(raw)
        for place in range(1, len(parts), 2):
            mark = parts[place]
            if mark == "%":
                continue
            if not mark:
                raise InterpolationSyntaxError(key, section, f"a percent sign alone: {raw!r}")
            name = mark[1:-2]
            found = self._values.get(name)
            if found is None:
                found = self._others.get(name)
            if found is None:
                raise InterpolationMissingOptionError(key, section, raw, name)
            if "%" in found:
                known = self._known.get(name)
                if known is None:
                    known = self._known[name] = self._expand(section, key, found, depth + 1)
                elif depth + known[1] > MAX_INTERPOLATION_DEPTH:
                    raise InterpolationDepthError(key, section, raw)
                found = known[0]
                levels = max(levels, known[1] + 1)
            parts[place] = found
        text = "".join(parts)
        if len(text) > _LONGEST:
            raise CfgError(
                "X2P831",
                f"[{section}] {key} expands to more than a million characters",
                "correct its macros",
            )
        return text, levels
