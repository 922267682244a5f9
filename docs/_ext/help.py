"""The commands' help is plain text: such that reStructuredText shows it as it is.

Blocks of lines that belong together, which sphinx-click gives as `| line`, become literal ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import click
from sphinx.application import Sphinx

_PARTS = ("description", "options", "epilog")


def setup(app: Sphinx) -> dict[str, Any]:
    for part in _PARTS:
        app.connect(f"sphinx-click-process-{part}", _rewrite)
    return {"parallel_read_safe": True}


def _rewrite(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    lines[:] = _as_it_is(lines)


def _as_it_is(lines: list[str]) -> Iterator[str]:
    for is_block, some in groupby(lines, lambda line: line.startswith("| ")):
        if is_block:
            yield from ("::", "", *(f"    {line[2:]}" for line in some), "")
        else:
            yield from (line.replace("*", r"\*") for line in some)
