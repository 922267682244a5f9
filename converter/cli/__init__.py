"""The command line: `xml2poms`."""

from __future__ import annotations

import signal

__all__ = ["main"]


def main(args: list[str] | None = None) -> None:
    """Run a command and exit with the code that says how it went."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # While the rest is imported, Ctrl-C ends the program as any signal does, with no traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from converter.cli.commands import run

    run(args)
