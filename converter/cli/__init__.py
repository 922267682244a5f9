"""The command line: `xml2poms`."""

from converter.cli.main import main

__all__ = ["main"]
