"""The report on a terminal: what was written, what to look at, what to do next."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from converter.findings.finding import Finding
from converter.report.model import (
    HEADINGS,
    SENTENCES,
    FileReport,
    Report,
    WaiverState,
    placed,
)

__all__ = ["STYLES", "show", "show_waivers"]

STYLES = {
    "ready": "green",
    "agree": "yellow",
    "blocked": "red",
    "failed": "red",
}
_REQUESTS = 6
"""Of so many different requests of jobs."""

_PLACES = 3
"""How many places of one finding are shown."""


def show(console: Console, report: Report, written: Sequence[tuple[str, str]]) -> None:
    """Print the summary of one file's conversion.

    written  (what happened, file name) for each output, e.g. ("wrote", "campaign.cfg")
    """
    (file,) = report.files
    for what, name in written:
        console.print(f"{what} [bold]{escape(name)}[/bold]", highlight=False)
    style = STYLES[file.verdict]
    console.print(
        f"[bold]{escape(file.source)}[/bold]: [{style}]{file.verdict}[/{style}] "
        f"({SENTENCES[file.verdict]})",
        highlight=False,
    )
    if file.error is not None:
        return
    counts = ", ".join(f"{count} {fate.value}" for fate, count in file.fates.items())
    console.print(f"{len(file.settings)} settings: {counts}", highlight=False)
    _requests(console, file)
    for kind, heading in HEADINGS.items():
        if kind == "accepted":
            continue
        groups = _grouped(f for f in file.findings if f.kind == kind)
        if groups:
            console.print(f"\n[bold]{heading}[/bold]", highlight=False)
        for findings in groups:
            _show_group(console, file, findings, brief=kind == "note")
    _accepted(console, report)
    _next(console, file, [name for what, name in written if what != "report"])


def _requests(console: Console, file: FileReport) -> None:
    """What jobs ask for, once for stages that ask for the same."""
    asked: dict[str, list[str]] = {}
    for stage in (s for project in file.projects for s in project.stages):
        asked.setdefault(stage.asks, []).append(stage.name)
    for request, stages in list(asked.items())[:_REQUESTS]:
        console.print(Text(f"{', '.join(stages)}: {request}", style="dim"), soft_wrap=True)


def _accepted(console: Console, report: Report) -> None:
    waived = Counter((f.code, f.waived) for f in report.files[0].findings if f.waived)
    if waived:
        console.print("\n[bold]Accepted[/bold]", highlight=False)
    for (code, reason), count in waived.items():
        console.print(Text(f"  {code}, {count} times: {reason}"), soft_wrap=True)
    show_waivers(console, report.waivers)


def show_waivers(console: Console, waivers: Iterable[WaiverState]) -> None:
    """Print which waivers do nothing any more."""
    idle = [waiver for waiver in waivers if waiver.state != "used"]
    if idle:
        console.print("\n[bold]Waivers that accept nothing[/bold]", highlight=False)
    for waiver in idle:
        console.print(Text(f"  [{waiver.name}] {waiver.code}: {waiver.state}"), soft_wrap=True)


def _grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings with the same code, and the same words or places of their own."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    return list(groups.values())


def _show_group(
    console: Console, file: FileReport, findings: list[Finding], *, brief: bool
) -> None:
    first = findings[0]
    style = "red" if first.fate.is_loss else "yellow"
    head = Text.assemble((first.code, "dim" if brief else style), " ", _where(file, first))
    if len(findings) > 1:
        head.append(f" and {len(findings) - 1} more like it")
    console.print(Text("  ") + head, soft_wrap=True)
    shown = findings[:1] if brief else _different(findings)[:_PLACES]
    for finding in shown:
        prefix = "" if finding is first else f"{_where(file, finding)}: "
        _paragraph(console, prefix + finding.message)
        if finding.advice and not brief:
            # Advice may be a command: in one piece, to be copied.
            console.print(Text("    -> " + finding.advice, style="cyan"), soft_wrap=True)


def _paragraph(console: Console, text: str) -> None:
    """Indented text, broken into lines only where a terminal shows it."""
    lines = [text]
    if console.is_terminal:
        lines = textwrap.wrap(text, max(console.width - 4, 40), break_long_words=False)
    for line in lines:
        console.print(Text("    " + line), soft_wrap=True)


def _different(findings: list[Finding]) -> list[Finding]:
    return list({(f.message, f.advice): f for f in reversed(findings)}.values())[::-1]


def _where(file: FileReport, finding: Finding) -> str:
    stage = f" [{finding.stage}]" if finding.stage else ""
    return placed(file.source, finding.line) + stage


def _next(console: Console, file: FileReport, outputs: list[str]) -> None:
    """The checklist, commands in one piece, to be copied."""
    if not outputs or not file.checklist:
        return
    console.print("\n[bold]Checklist[/bold]", highlight=False)
    for number, step in enumerate(file.checklist, 1):
        console.print(Text(f"  {number}. {step.what}"), soft_wrap=True)
        if step.command:
            console.print(Text("     " + step.command, style="cyan"), soft_wrap=True)
    if file.findings:
        code = file.findings[0].code
        console.print(Text(f"\nWhat a finding means: xml2poms explain {code}"), soft_wrap=True)
