"""The command line: `xml2poms`."""

from __future__ import annotations

from converter import interrupts

__all__ = ["main"]


def main(args: list[str] | None = None) -> None:
    """Run a command and exit with the code that says how it went."""
    interrupts.at_once()
    # Only now: a signal may come while this is imported.
    from converter.cli.commands import run

    run(args)
