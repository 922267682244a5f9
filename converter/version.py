"""Which version of this program runs."""

from __future__ import annotations

from functools import cache

__all__ = ["version"]


@cache
def version() -> str:
    # Imported only where it is asked for: it takes longer than a conversion.
    from importlib import metadata

    return metadata.version("xml2poms")
