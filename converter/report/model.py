"""The report: one model, from which every rendering is made.  Format 1 of the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from converter.errors import ConversionError
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.findings.message import LEVELS, NEEDS

__all__ = [
    "HEADINGS",
    "SENTENCES",
    "STATUSES",
    "VERDICTS",
    "FileReport",
    "ImpliedSetting",
    "ProjectReport",
    "Report",
    "Setting",
    "StageReport",
    "Step",
    "WaiverState",
    "by_stage",
    "placed",
    "severity",
    "status",
    "verdict",
    "with_findings",
    "with_outputs",
    "worst_first",
]

VERDICTS = ("ready", "agree", "blocked", "failed")
"""Of a file, a stage: from what can be launched as it is to nothing converted."""

SENTENCES = {
    "ready": "it can be launched",
    "agree": "it can be launched, once somebody agrees to what differs",
    "blocked": "it cannot be launched before something is done",
    "failed": "nothing was converted",
}
"""What a verdict says."""

STATUSES = ("complete", "review", "manual", "partial", "failed")
"""The older words for the same, which readers of format 1 know."""

HEADINGS = {
    "block": "Blocks the launch",
    "agree": "Differs, to agree on",
    "optional": "Optional",
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
    campaigns  whose step it is
    script   the same for a script: a verb and its arguments
    """

    kind: str
    what: str
    command: str | None
    project: str
    dataset: str = ""
    campaigns: tuple[str, ...] = ()
    script: tuple[str, ...] = ()


class StageReport(Struct, frozen=True):
    """A stage by its name in the campaign.cfg.

    status     in the older words
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
    verdict: str = "ready"


class ProjectReport(Struct, frozen=True):
    """A project, the files written for it, its stages, its role and what kind of reason it has."""

    name: str
    experiment: str
    outputs: tuple[str, ...]
    stages: tuple[StageReport, ...]
    files: Mapping[str, str] = MappingProxyType({})
    """Base name → text, in the order of the outputs."""
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

    def fails(self, limit: str) -> bool:
        """Whether a finding that is not accepted reaches one of FAIL_ON."""
        open_ = [finding for finding in self.findings if not finding.waived]
        if limit in _NEEDS:
            return any(_NEEDS.index(f.need) >= _NEEDS.index(limit) for f in open_)
        return any(f.fate.rank >= Fate(limit).rank for f in open_)

    @property
    def verdict(self) -> str:
        """What it takes to launch what the file became."""
        return "failed" if self.error is not None else verdict(self.findings)

    @property
    def needs(self) -> dict[str, int]:
        """How many findings block, are to be agreed on, are optional; accepted ones left out."""
        counts = Counter(finding.need for finding in self.findings if not finding.waived)
        return {need: counts[need] for need in ("block", "agree", "optional")}


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


def verdict(findings: Iterable[Finding]) -> str:
    """The verdict that findings give to what they are about; accepted ones do not count."""
    needs = {finding.need for finding in findings if not finding.waived}
    return "blocked" if "block" in needs else "agree" if "agree" in needs else "ready"


def status(findings: Iterable[Finding]) -> str:
    """The same in the older words."""
    worst = 0
    for finding in findings:
        if finding.waived or finding.need in ("", "optional"):
            continue
        if finding.fate.is_loss:
            worst = 3
        elif finding.level == "do" or finding.fate is Fate.MANUAL:
            worst = max(worst, 2)
        elif finding.level == "look":
            worst = max(worst, 1)
    return STATUSES[worst]


def by_stage(findings: Iterable[Finding]) -> dict[tuple[str | None, str | None], list[Finding]]:
    """The findings by project and stage, as they name them."""
    found: dict[tuple[str | None, str | None], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.project, finding.stage), []).append(finding)
    return found


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
    own = by_stage(findings)

    def stage(project: str, one: StageReport) -> StageReport:
        said = own.get((project, one.name), ())
        return replace(one, status=status(said), verdict=verdict(said))

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


def severity(finding: Finding) -> tuple[int, int, int]:
    """How bad a finding is: by what it asks of a person, then by its fate and its level."""
    return _NEEDS.index(finding.need), finding.fate.rank, LEVELS.index(finding.level)


_NEEDS = tuple(NEEDS)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The order of a report: the worst first, then by line."""

    def place(finding: Finding) -> tuple[int, int, int, int, str]:
        need, rank, level = severity(finding)
        return -need, -rank, -level, finding.line or 0, finding.code

    return tuple(sorted(findings, key=place))
