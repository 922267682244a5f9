"""The report as Markdown, for a merge request or a logbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from converter.findings.finding import Finding
from converter.report.model import HEADINGS, SENTENCES, FileReport, Report, placed
from converter.report.runbook import TITLE, runbook
from converter.text import visible

__all__ = ["as_markdown"]

_PLACES = 5
"""How many places of one kind of finding are listed."""

_ESCAPES = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]()#+!|~@-"})


def as_markdown(report: Report, version: str) -> str:
    """Status, counts, findings by code, worst first, and the checklist as boxes to tick."""
    lines: list[str] = []
    for file in report.files:
        lines += [*_file(file), ""]
    idle = [waiver for waiver in report.waivers if waiver.state != "used"]
    if idle:
        lines += ["### Waivers that accept nothing", ""]
        lines += [f"- {_code(w.name)} ({w.code}): {w.state}" for w in idle]
        lines.append("")
    lines.append(f"<sub>xml2poms {version}</sub>".replace(" </sub>", "</sub>"))
    return visible("\n".join(lines)) + "\n"


def _file(file: FileReport) -> Iterator[str]:
    yield f"## {_text(file.source)}: {file.verdict}"
    yield ""
    yield f"{SENTENCES[file.verdict].capitalize()}."
    yield ""
    if file.error is not None:
        yield f"{_text(str(file.error))}"
        yield ""
        yield f"**To do:** {_text(file.error.advice)}"
        return
    for project in file.projects:
        files = ", ".join(_code(name) for name in project.outputs)
        why = _text(f"{project.experiment}, {project.role}: {project.role_because}")
        yield f"- project {_text(project.name)} ({why}): {files or 'not written'}"
        yield from (f"  - stage {_text(s.name)} asks for {_text(s.asks)}" for s in project.stages)
    yield ""
    yield f"| {' | '.join(fate.value for fate in file.fates)} | settings |"
    yield f"|{'---|' * (len(file.fates) + 1)}"
    yield f"| {' | '.join(map(str, file.fates.values()))} | {len(file.settings)} |"
    for heading, findings in _sections(file):
        yield ""
        yield f"### {heading}"
        yield ""
        for group in _grouped(findings):
            yield from _group(file, group)
    if file.checklist:
        yield ""
        yield "### Checklist"
        yield ""
        for step in file.checklist:
            yield f"- [ ] {_text(step.what)}" + (f": {_code(step.command)}" if step.command else "")
    yield from _run_book(file)


def _run_book(file: FileReport) -> Iterator[str]:
    for chapter in runbook(file):
        yield ""
        yield f"### {TITLE}: {chapter.title}"
        yield ""
        for entry in chapter.entries:
            command = f" {_code(entry.command)}" if entry.command else ""
            yield f"- **{_text(entry.what)}**: {_text(entry.text)}{command}"


def _sections(file: FileReport) -> Iterator[tuple[str, list[Finding]]]:
    for kind, heading in HEADINGS.items():
        findings = [finding for finding in file.findings if finding.kind == kind]
        if findings:
            yield heading, findings


def _grouped(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    groups: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.waived), []).append(finding)
    return groups.values()


def _group(file: FileReport, findings: list[Finding]) -> Iterator[str]:
    first = findings[0]
    yield f"- **{first.code}** ({first.fate.value}): {_text(first.message)}"
    for finding in findings[:_PLACES]:
        stage = f" [{finding.stage}]" if finding.stage else ""
        more = f": {_text(finding.message)}" if finding.message != first.message else ""
        yield f"  - {_code(placed(file.source, finding.line) + stage)}{more}"
    if len(findings) > _PLACES:
        yield f"  - and {len(findings) - _PLACES} more"
    if first.waived:
        yield f"  - accepted: {_text(first.waived)}"
    elif first.advice:
        yield f"  - to do: {_text(first.advice)}"


def _text(text: str) -> str:
    """Text that means itself: nothing in it is Markdown or HTML."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ADDRESS.sub(_escaped, text.translate(_ESCAPES))


_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)
"""Of what GitHub and GitLab make a link unasked."""


def _escaped(match: re.Match[str]) -> str:
    return re.sub(r"([/.])", r"\\\1", match[0])


def _code(text: str) -> str:
    """Text between backticks: more than it has itself."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
