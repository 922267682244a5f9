"""What a message of the catalogue is."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

from msgspec import Struct

from converter.text import one_line

__all__ = ["LEVELS", "NEEDS", "TASKS", "Message", "Task", "in_general", "slots_of"]

LEVELS = ("note", "look", "do", "error")
"""Of a message, from good to know to nothing converted."""

NEEDS = {
    "": "good to know",
    "optional": "jobs do the same without it",
    "agree": "a job does something different, or this program had to assume something",
    "block": "the launch is refused, or its jobs cannot work",
}
"""What a message asks of a person before a launch, from nothing to what blocks it."""

TASKS = {
    "upload": "upload a file to POMS",
    "define": "define a dataset in SAM",
    "prestage": "bring a dataset to disk",
    "edit": "complete the XML or the campaign.cfg",
    "check": "compare a script with what runs in its place",
    "launch": "see to it at launch",
    "report": "report a defect of xml2poms",
}
"""What a message can ask of a person."""


class Task(Struct, frozen=True, gc=False):
    """What a message asks of a person.

    kind     one of TASKS
    what     the file or the dataset that it is about; '' for neither
    command  by which it is done; '' where there is none

    In the catalogue with slots, as the message; in a finding filled in.
    """

    kind: str
    what: str = ""
    command: str = ""

    def render(self, slots: Mapping[str, str]) -> Task:
        return Task(self.kind, self.what.format_map(slots), self.command.format_map(slots))


class Message(Struct, frozen=True):
    """A message of the catalogue.

    level      "note": good to know; "look": somebody should look at it; "do": something is to be
               done; "error": nothing was converted
    text       with named slots in braces
    advice     what to do, with the same slots; '' where there is nothing to do
    task       the same as data, of a "do"
    announces  fields of `verify`, as regular expressions, that may differ where this is said
    marks      what else the program has to know of it: "unknown tag", of the XML; of an error
               "refused", an output that could not be put in place, or "defect", of this program
    need       one of NEEDS; '' of notes and errors
    if_invalid the need where the setting is invalid, if that is another one
    """

    code: str
    level: str
    text: str
    advice: str = ""
    task: Task | None = None
    announces: tuple[str, ...] = ()
    marks: str = ""
    need: str = ""
    if_invalid: str = ""

    @property
    def title(self) -> str:
        """The text for no place in particular: its slots as words in capitals."""
        return in_general(self.text)

    @property
    def slots(self) -> frozenset[str]:
        """The values that it needs, by name."""
        texts = [self.text, self.advice]
        if self.task is not None:
            texts += [self.task.what, self.task.command]
        return frozenset(slot for text in texts for slot in slots_of(text))

    def render(self, slots: Mapping[str, str]) -> tuple[str, str]:
        """Text and advice with the slots filled in, each on one line."""
        return one_line(self.text.format_map(slots)), one_line(self.advice.format_map(slots))


def slots_of(text: str) -> tuple[str, ...]:
    """The names in braces."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(text) if name)


def in_general(text: str) -> str:
    """A text with its slots as words in capitals."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: m.group(1).upper(), text)
