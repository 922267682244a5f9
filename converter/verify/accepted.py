"""Differences between project.py and a campaign that somebody has accepted, with the reason.

A ConfigObj file, a section for each under any name:

    [more_memory]
    field  = memory
    stage  = reco*
    reason = the new release needs more, as measured in October
    until  = 2027-06-30

`field` and `stage` are globs, of a field as `verify` shows it and of a stage's name in the
campaign.cfg.  What no finding announces and such a section accepts is no difference any more.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from converter.acceptance import last_day, refusal, sections
from converter.verify.verification import ACCEPTED, UNANNOUNCED, Field, StageCheck, Verification

__all__ = ["NAME", "Accepted", "accept", "beside", "read_accepted"]

NAME = "differences.cfg"
"""The accepted differences of a directory's files, if it has any."""

_KEYS = ("field", "stage", "reason", "until")


class Accepted(Struct, frozen=True):
    """An accepted difference; `name` is its section, `until` the last day on which it counts."""

    name: str
    field: str
    reason: str
    stage: str = "*"
    until: datetime.date | None = None

    def covers(self, field: str, stage: str, today: datetime.date) -> bool:
        current = self.until is None or today <= self.until
        return current and fnmatchcase(field, self.field) and fnmatchcase(stage, self.stage)


def accept(found: Verification, accepted: Iterable[Accepted], today: datetime.date) -> Verification:
    """The comparison with what is accepted marked; what would not run at all never is."""
    known = list(accepted)

    def one(check: StageCheck) -> StageCheck:
        fields = tuple([_marked(field, check.stage, known, today) for field in check.fields])
        return replace(check, fields=fields)

    return replace(found, checks=tuple(map(one, found.checks))) if known else found


def _marked(field: Field, stage: str, accepted: Sequence[Accepted], today: datetime.date) -> Field:
    if field.verdict != UNANNOUNCED:
        return field
    one = next((a for a in accepted if a.covers(field.name, stage, today)), None)
    return field if one is None else replace(field, verdict=ACCEPTED, reason=one.reason)


def read_accepted(path: str) -> tuple[Accepted, ...]:
    """The accepted differences of a file.  Raises UsageError that names section and key."""
    return tuple([_accepted(path, name, given) for name, given in sections(path, _KEYS)])


def beside(directory: str) -> tuple[Accepted, ...]:
    """The accepted differences of a directory's files, none if it has no file of them."""
    path = Path(directory, NAME)
    return read_accepted(str(path)) if path.is_file() else ()


def _accepted(path: str, name: str, given: Mapping[str, str]) -> Accepted:
    field = given.get("field")
    if not field:
        raise refusal(path, f"[{name}] has no field", "write field = …")
    until = last_day(path, name, given)
    return Accepted(name, field, given["reason"], given.get("stage") or "*", until)
