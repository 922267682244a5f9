"""A message at a place."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from converter.findings.catalogue import CATALOGUE, check_slots
from converter.findings.fates import Fate
from converter.findings.message import Task

__all__ = ["Finding", "finding"]


class Finding(Struct, frozen=True, gc=False):
    """Something to be said, with its place.

    path and stage are None for what concerns the whole file.
    slots are the values in message and advice, by name; task is what is asked of a person;
    need is one of NEEDS, what stands between the finding and a launch.
    """

    code: str
    level: str
    fate: Fate
    message: str
    advice: str | None
    path: str | None
    line: int | None
    project: str | None
    stage: str | None
    targets: tuple[str, ...] = ()
    waived: str | None = None
    slots: Mapping[str, str] = {}
    task: Task | None = None
    need: str = ""

    @property
    def kind(self) -> str:
        """Under which of the report's headings it stands."""
        return "accepted" if self.waived else self.need or "note"


def finding(
    code: str,
    fate: Fate,
    slots: Mapping[str, str],
    *,
    path: str | None = None,
    line: int | None = None,
    project: str | None = None,
    stage: str | None = None,
    targets: tuple[str, ...] = (),
) -> Finding:
    """What the catalogue says about a place."""
    check_slots(code, slots)
    message = CATALOGUE[code]
    text, advice = message.render(slots)
    return Finding(
        *(code, message.level, fate, text, advice or None, path, line, project, stage, targets),
        slots=slots,
        task=message.task and message.task.render(slots),
        need=(fate is Fate.INVALID and message.if_invalid) or message.need,
    )
