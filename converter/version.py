"""Which version of this program runs."""

from __future__ import annotations

from functools import cache
from importlib import metadata

__all__ = ["version"]


@cache
def version() -> str:
    return metadata.version("xml2poms")
