"""A shell that follows scripts on files that do not exist: it tells what they would do."""

from converter.shell.arithmetic import wrap
from converter.shell.commands import COMMANDS
from converter.shell.files import Files, Listing
from converter.shell.shell import Shell
from converter.shell.syntax import NotFollowedError
from converter.shell.texttools import UNIQUE
from converter.shell.world import MOST_STEPS, Event, World

__all__ = [
    "COMMANDS",
    "MOST_STEPS",
    "UNIQUE",
    "Event",
    "Files",
    "Listing",
    "NotFollowedError",
    "Shell",
    "World",
    "wrap",
]
