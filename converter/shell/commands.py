"""The usual commands of a script: of the shell itself, on files, on texts."""

from __future__ import annotations

from collections.abc import Mapping

from converter.shell.builtins import BUILTINS
from converter.shell.commandline import Command
from converter.shell.filetools import FILE_TOOLS
from converter.shell.texttools import TEXT_TOOLS

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, Command] = {**BUILTINS, **FILE_TOOLS, **TEXT_TOOLS}
"""By the name that a script calls them."""
