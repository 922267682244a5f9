"""A row of a migration: what is recorded of a file, in the store and in migration.json.

Rows are read back as JSON has them, of earlier versions too, which may lack a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.report.model import FileReport
from converter.report.todo import located

__all__ = [
    "ErrorRow",
    "FindingRow",
    "MadeRow",
    "ProjectRow",
    "Row",
    "StageRow",
    "TaskRow",
    "campaigns_of",
    "output",
    "row_of",
    "verdict_of",
    "weight_of",
]

_ONCE = ("credentials", "define", "prestage")
"""Kinds of steps that are done once for all campaigns that need them."""


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


def row_of(report: FileReport, campaigns: Sequence[Sequence[str]]) -> Row:
    """What a migration records of a file.

    campaigns  the names in POMS of each project's campaign, or of those of its chains
    """
    error = report.error
    found: dict[str, FindingRow] = {}
    worst: Fate | None = None
    for finding in report.findings:
        if not finding.waived and (worst is None or finding.fate.rank > worst.rank):
            worst = finding.fate
        known = found.setdefault(
            finding.code,
            {
                "count": 0,
                "waived": 0,
                "fate": finding.fate.value,
                "need": finding.need,
                "line": finding.line,
                "message": finding.message,
            },
        )
        known["count"] += 1
        known["waived"] += finding.waived is not None
    unknown: dict[str, int] = {}
    for setting in report.settings:
        if setting.code and CATALOGUE[setting.code].marks == "unknown tag":
            tag = setting.path.rpartition("/")[2].partition("[")[0]
            unknown[tag] = unknown.get(tag, 0) + 1
    places = {path.rpartition("/")[2]: path for p in report.projects for path in p.outputs}
    steps = (step for step in report.checklist if step.kind in _ONCE)
    tasks = dict.fromkeys((s.kind, s.what, s.command, s.dataset) for s in steps)
    return {
        "status": report.status,
        "verdict": report.verdict,
        "needs": report.needs,
        "sha256": report.sha256,
        "error": {
            "code": error.code,
            "line": error.line,
            "message": error.message,
            "advice": error.advice,
        }
        if error
        else None,
        "leaves": len(report.settings),
        "fates": {fate.value: count for fate, count in report.fates.items()},
        "worst": worst and worst.value,
        "projects": [
            {
                "name": project.name,
                "experiment": project.experiment,
                "campaign": names[0],
                "campaigns": names,
                "role": project.role,
                "role_because": project.role_because,
                "stages": [
                    {"name": s.name, "status": s.status, "verdict": s.verdict}
                    for s in project.stages
                ],
            }
            for project, names in zip(report.projects, campaigns)
        ],
        "findings": found,
        "unknown": unknown,
        "tasks": [
            {"kind": kind, "what": what, "command": command, "dataset": dataset}
            for kind, what, command, dataset in tasks
        ],
        "todo": [(s.campaigns, located(s.script, places)) for s in report.checklist],
        "waivers": report.waivers,
    }


def campaigns_of(row: Row) -> Iterator[tuple[str, str]]:
    """Experiment and name of the campaigns that a file became, for each of its projects."""
    for project in row.get("projects", ()):
        for name in project.get("campaigns", [project["campaign"]]):
            yield project["experiment"], name


def verdict_of(row: Row) -> str:
    """What it takes to launch what a file became; of a row without it, why there is nothing."""
    return str(row.get("verdict") or row["status"])


def weight_of(row: Row) -> int:
    """How much a file asks of a person: first by what blocks it, then by what differs."""
    needs = row.get("needs", {})
    weight = 0
    for need in ("block", "agree", "optional"):
        weight = 1000 * weight + min(needs.get(need, 0), 999)
    return weight


def output(row: Row, ending: str) -> str:
    """The output of a row with that ending, its page or its report; '' if it has none."""
    return next((path for path in row["outputs"] if path.endswith(ending)), "")
