"""A terminal to which nothing of a document is sent that it would obey."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich import console
from rich.segment import Segment

from converter.text import visible

__all__ = ["Console", "standard_error"]


class Console(console.Console):
    """rich's console; what is printed is shown, never obeyed."""

    def render(
        self, renderable: console.RenderableType, options: console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)


def standard_error() -> Console:
    """For what is said beside the output; lines are broken only where a terminal shows them."""
    return Console(stderr=True, soft_wrap=not sys.stderr.isatty())
