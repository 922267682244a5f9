"""Whether a terminal gets more than text."""

from __future__ import annotations

import os

__all__ = ["is_plain"]


def is_plain() -> bool:
    """Whether nothing but text is wanted: $NO_COLOR, or a terminal that knows no more."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
