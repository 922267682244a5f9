"""A terminal to which nothing of a document is sent that it would obey."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rich import console
from rich.segment import Segment
from rich.text import Text

from converter.report.plain import is_plain
from converter.text import one_line, visible

__all__ = ["Console", "on", "say"]


class Console(console.Console):
    """rich's console; what is printed is shown, never obeyed."""

    def render(
        self, renderable: console.RenderableType, options: console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)

    def on_broken_pipe(self) -> None:
        """Leave it to the program: whoever read has seen enough."""
        raise BrokenPipeError


def say(console: console.Console, text: Text | str) -> None:
    """Print a line, which stays one, whatever it names: it may be a command, to be copied."""
    line = text if isinstance(text, Text) else Text(text)
    if not line.plain.isprintable():
        line = Text(one_line(line.plain), style=line.style)
    console.print(line, soft_wrap=True)


def on(stream: TextIO) -> Console:
    """For what is said on a stream; lines are broken only where a terminal shows them."""
    wraps = not stream.isatty()
    if is_plain():
        return Console(file=stream, soft_wrap=wraps, color_system=None)
    return Console(file=stream, soft_wrap=wraps)
