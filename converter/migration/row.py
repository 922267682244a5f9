"""A row of a migration: what is recorded of a file, in the store and in migration.json.

Rows are read back as JSON has them, of earlier versions too, which may lack a field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

__all__ = ["ErrorRow", "FindingRow", "MadeRow", "ProjectRow", "Row", "StageRow", "TaskRow"]


class ErrorRow(TypedDict):
    """Why there is nothing."""

    code: str
    line: int | None
    message: str
    advice: str


class FindingRow(TypedDict):
    """A kind of finding: how often, how often accepted, and the first of them."""

    count: int
    waived: int
    fate: str
    need: str
    line: int | None
    message: str


class StageRow(TypedDict):
    """A stage of a campaign."""

    name: str
    status: str
    verdict: str


class MadeRow(TypedDict, total=False):
    """Of a migration by families: what became of a campaign.

    kin        a checksum of what it shares with all of its family; "" if it has none
    files      its .cfg and its .ini
    print      a checksum of what its family was made from
    family     the name of its family
    overrides  how many it has of its own
    equal      a checksum of the campaign by itself, which the template with its values is equal to
    template   of its family's first campaign: columns, stages, number of keys
    outputs    the files that were made for it
    """

    kin: str
    files: list[str]
    print: str
    family: str
    overrides: int
    equal: str
    template: Mapping[str, Any]
    outputs: list[str]


class ProjectRow(MadeRow):
    """A project, and the names in POMS of its campaign, or of those of its chains."""

    name: str
    experiment: str
    campaign: str
    campaigns: Sequence[str]
    role: str
    role_because: str
    stages: Sequence[StageRow]


class TaskRow(TypedDict):
    """Something that a person must do once for all campaigns that need it."""

    kind: str
    what: str
    command: str | None
    dataset: str


class Row(TypedDict, total=False):
    """What is recorded of a file.

    source   its path below the directory that is migrated
    reason   why it is no project.py file
    key      what its outputs were made from: its content, the options, this program
    fates    how many settings have each
    worst    the worst fate of its findings that are not accepted
    unknown  tags that nobody knows, how often
    todo     the steps of the checklist as words of a script, and whose campaigns' they are
    waivers  those that accept something in it
    outputs  files that were made, with their checksums
    stale    files of earlier runs, which are its own no more
    """

    source: str
    status: str
    verdict: str
    reason: str
    needs: Mapping[str, int]
    sha256: str
    key: str
    error: ErrorRow | None
    leaves: int
    fates: Mapping[str, int]
    worst: str | None
    projects: Sequence[ProjectRow]
    findings: Mapping[str, FindingRow]
    unknown: Mapping[str, int]
    tasks: Sequence[TaskRow]
    todo: Sequence[tuple[Sequence[str], Sequence[str]]]
    waivers: Sequence[str]
    outputs: dict[str, str]
    stale: dict[str, str]
