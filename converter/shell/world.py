"""What the shells of a job share: files, what has happened, and how much more is followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from converter.shell.files import Files
from converter.shell.syntax import NotFollowedError

__all__ = ["MOST_STEPS", "Event", "Spent", "World"]

MOST_STEPS = 10_000
"""A job whose scripts do more is not followed to its end: commands, and what takes as long as one.

Counted, not timed, so that the answer is the same everywhere.
"""

_DEEPEST = 50
"""Scripts, functions, groups, loops and substitutions within each other are followed so deep."""


class Spent(Exception):  # noqa: N818 - not an error
    """The scripts have done more than is followed."""


class Event(Struct, frozen=True):
    """One thing that the scripts do.

    kind     "run", "source", "setup", "fetch", "store", "pack", "unpack", "make folder", or
             "shell" for a piece of script that is not followed
    words    program and arguments, files, the text
    streams  where standard output and error go, by number, if not to the job's log
    """

    kind: str
    words: tuple[str, ...]
    streams: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join((self.kind, *self.words))


class World(Struct):
    """What the shells of a job share.

    commands what is followed, by the name that a script calls it: a Command of commandline.py.
             Anything else is a program, which is recorded
    program  what happens when something is recorded: files may be written; gives the status
    most     so many steps are followed
    """

    commands: Mapping[str, Callable[..., int]]
    files: Files = field(default_factory=Files)
    events: list[Event] = []
    program: Callable[[Event], int] = lambda event: 0
    steps: int = 0
    most: int = MOST_STEPS
    depth: int = 0

    def fork(self) -> World:
        """The same, from here on on a way of its own."""
        files, events = self.files.copy(), [*self.events]
        return World(self.commands, files, events, steps=self.steps, most=self.most)

    def record(self, kind: str, *words: str, streams: tuple[tuple[str, str], ...] = ()) -> int:
        """Note an event; the status of the program."""
        event = Event(kind, words, streams)
        self.events.append(event)
        return self.program(event)

    def spend(self, steps: int) -> None:
        """Count steps.  Raises Spent where there are too many."""
        self.steps += steps
        if self.spent:
            raise Spent

    @property
    def spent(self) -> bool:
        return self.steps > self.most

    def __enter__(self) -> None:
        if self.depth >= _DEEPEST:
            raise NotFollowedError("too deep")
        self.depth += 1

    def __exit__(self, *error: object) -> None:
        self.depth -= 1
