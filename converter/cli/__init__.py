"""The command line: `xml2poms`."""

from __future__ import annotations

import atexit
import gc

from converter import interrupts

__all__ = ["main"]


def main(args: list[str] | None = None) -> None:
    """Run a command and exit with the code that says how it went."""
    interrupts.at_once()
    _collect_less()
    # Only now: a signal may come while this is imported.
    from converter.cli.commands import run

    run(args)


def _collect_less() -> None:
    """Leave alone what is imported and what is there at the end: a tenth of a conversion's cost."""
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
