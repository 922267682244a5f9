"""The report: one model, from which every rendering is made.  Format 1 of the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from converter.errors import ConversionError
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.findings.message import LEVELS

__all__ = [
    "HEADINGS",
    "SENTENCES",
    "STATUSES",
    "FileReport",
    "ImpliedSetting",
    "ProjectReport",
    "Report",
    "Setting",
    "StageReport",
    "Step",
    "WaiverState",
    "placed",
    "severity",
    "status",
    "with_findings",
    "with_outputs",
    "worst_first",
]

STATUSES = ("complete", "review", "manual", "partial", "failed")
"""Of a file, a project, a stage: from nothing to look at to nothing converted."""

SENTENCES = {
    "complete": "everything is converted",
    "review": "everything is converted; some things should be looked at",
    "manual": "everything is converted; something is left to do by hand",
    "partial": "something has no counterpart in POMS",
    "failed": "nothing was converted",
}
"""What a file's status says."""

HEADINGS = {
    "lost": "Not converted",
    "do": "To do by hand",
    "look": "To look at",
    "note": "Good to know",
    "accepted": "Accepted",
}
"""Kinds of findings, the worst first, and what a page calls them."""


class Setting(Struct, frozen=True, gc=False):
    """One leaf of the XML and what became of it; code, message, advice of its worst finding."""

    path: str
    line: int
    value: str
    entities: tuple[str, ...]
    project: str | None
    stage: str | None
    fate: Fate
    targets: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
    advice: str | None = None
    waived: str | None = None


class ImpliedSetting(Struct, frozen=True, gc=False):
    """What project.py does unasked, and what it becomes."""

    what: str
    project: str
    stage: str | None
    targets: tuple[str, ...]
    message: str


class Step(Struct, frozen=True):
    """Something to do until a campaign runs.

    kind     "credentials", "define", "prestage": the same step of several campaigns is done once;
             "upload", "launch": for each campaign
    command  None where it is done in the browser
    dataset  that it is about; '' where it is about none
    """

    kind: str
    what: str
    command: str | None
    project: str
    dataset: str = ""


class StageReport(Struct, frozen=True):
    """A stage by its name in the campaign.cfg.

    reads      the dataset or the list that it reads; '' where it makes events, or reads a stage
    waits_for  the stages of its campaign that it reads
    makes      the dataset of its output, if it has a name
    asks       what its jobs ask the batch system for, in plain units
    """

    name: str
    status: str
    reads: str = ""
    waits_for: tuple[str, ...] = ()
    makes: str = ""
    asks: str = ""


class ProjectReport(Struct, frozen=True):
    """A project, the files written for it, its stages, its role and what kind of reason it has."""

    name: str
    experiment: str
    outputs: tuple[str, ...]
    stages: tuple[StageReport, ...]
    texts: tuple[str, ...] = ()
    """Of the outputs, in their order."""
    role: str = ""
    role_because: str = ""


class FileReport(Struct, frozen=True):
    """All that is said about one XML file."""

    source: str
    sha256: str
    status: str
    error: ConversionError | None = None
    projects: tuple[ProjectReport, ...] = ()
    settings: tuple[Setting, ...] = ()
    implied: tuple[ImpliedSetting, ...] = ()
    findings: tuple[Finding, ...] = ()
    checklist: tuple[Step, ...] = ()
    waivers: tuple[str, ...] = ()
    """Names of the waivers that accept some of the findings."""
    text: str = ""
    """Of the XML."""

    @property
    def fates(self) -> dict[Fate, int]:
        """How many settings have each fate; the counts add up to the number of settings."""
        counts = Counter(setting.fate for setting in self.settings)
        return {fate: counts[fate] for fate in Fate if counts[fate]}

    def at_or_above(self, fate: Fate) -> tuple[Finding, ...]:
        """The findings that are at least as bad as `fate`, waived ones left out."""
        return tuple(f for f in self.findings if f.fate.rank >= fate.rank and not f.waived)


class WaiverState(Struct, frozen=True):
    """What a waiver did.

    state  "used"; "stale": about findings that are not there any more; "expired"
    files  in how many files it accepts something
    """

    name: str
    code: str
    state: str
    files: int
    reason: str


class Report(Struct, frozen=True):
    """The report about one or many files."""

    files: tuple[FileReport, ...] = ()
    waivers: tuple[WaiverState, ...] = ()


def status(findings: Iterable[Finding]) -> str:
    """The status that findings give to what they are about."""
    worst = 0
    for finding in findings:
        if finding.waived:
            continue
        if finding.fate.is_loss:
            worst = 3
        elif finding.level == "do" or finding.fate is Fate.MANUAL:
            worst = max(worst, 2)
        elif finding.level == "look":
            worst = max(worst, 1)
    return STATUSES[worst]


def with_outputs(report: FileReport, outputs: Sequence[Sequence[str]]) -> FileReport:
    """The report with the files that were written for each of its projects."""
    assert len(report.projects) == len(outputs)
    projects = zip(report.projects, outputs)
    return replace(
        report, projects=tuple(replace(p, outputs=tuple(names)) for p, names in projects)
    )


def with_findings(report: FileReport, findings: Sequence[Finding]) -> FileReport:
    """The report with other findings about the same places: statuses and settings follow."""
    waived = {(f.path, f.code): f.waived for f in findings if f.path is not None}

    def stage(project: str, one: StageReport) -> StageReport:
        own = (f for f in findings if f.project == project and f.stage == one.name)
        return replace(one, status=status(own))

    return replace(
        report,
        status=status(findings),
        projects=tuple(
            replace(p, stages=tuple(stage(p.name, s) for s in p.stages)) for p in report.projects
        ),
        settings=tuple(
            replace(s, waived=waived.get((s.path, s.code))) if s.code else s
            for s in report.settings
        ),
        findings=tuple(findings),
    )


def placed(source: str, line: int | None) -> str:
    """`FILE:LINE`, or the file alone."""
    return f"{source}:{line}" if line else source


def severity(finding: Finding) -> tuple[int, int]:
    """How bad a finding is: by its fate, then by its level."""
    return finding.fate.rank, LEVELS.index(finding.level)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The order of a report: the worst first, then by line."""

    def place(finding: Finding) -> tuple[int, int, int, str]:
        rank, level = severity(finding)
        return -rank, -level, finding.line or 0, finding.code

    return tuple(sorted(findings, key=place))
