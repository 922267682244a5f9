"""The report as JSON and as plain text; both say what the model says and compute nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from converter.errors import ConversionError
from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.report.model import HEADINGS, SENTENCES, FileReport, Report, placed
from converter.report.runbook import TITLE, runbook
from converter.text import one_line

__all__ = ["as_json", "as_text", "findings_in"]

FORMAT = 1
"""Version of the JSON report; within one, fields are only ever added."""


def as_json(report: Report, version: str) -> str:
    """The report as data, format 1.

    Findings, settings, what is implied and steps are written as their classes have them.
    """
    data = {
        "format": FORMAT,
        "tool": {"name": "xml2poms", "version": version},
        "files": [_file(file) for file in report.files],
        "totals": _totals(report),
        "waivers": report.waivers,
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def _totals(report: Report) -> dict[str, Any]:
    statuses: dict[str, int] = {}
    verdicts: dict[str, int] = {}
    fates: dict[str, int] = {}
    for file in report.files:
        statuses[file.status] = statuses.get(file.status, 0) + 1
        verdicts[file.verdict] = verdicts.get(file.verdict, 0) + 1
        for fate, count in file.fates.items():
            fates[fate.value] = fates.get(fate.value, 0) + count
    return {
        "files": len(report.files),
        "leaves": sum(len(file.settings) for file in report.files),
        "status": statuses,
        "verdicts": verdicts,
        "fates": fates,
    }


def _file(file: FileReport) -> dict[str, Any]:
    error = file.error
    return {
        "source": file.source,
        "sha256": file.sha256,
        "status": file.status,
        "verdict": file.verdict,
        "needs": file.needs,
        "error": error
        and {
            "code": error.code,
            "line": error.line,
            "column": error.column,
            "message": error.message,
            "advice": error.advice,
        },
        "leaves": len(file.settings),
        "fates": {fate.value: count for fate, count in file.fates.items()},
        "projects": [
            {
                "name": project.name,
                "experiment": project.experiment,
                "outputs": project.outputs,
                "stages": project.stages,
                "role": project.role,
                "role_because": project.role_because,
            }
            for project in file.projects
        ],
        "settings": file.settings,
        "implied": file.implied,
        "findings": file.findings,
        "checklist": file.checklist,
        "waivers": file.waivers,
        "run_book": runbook(file),
    }


def findings_in(data: Mapping[str, Any]) -> Iterator[FileReport]:
    """The files of a JSON report, with their findings or their error, and nothing else."""
    for file in data["files"]:
        error = file["error"]
        yield FileReport(
            file["source"],
            file["sha256"],
            file["status"],
            error and ConversionError(**error),
            findings=tuple(_finding_in(f) for f in file["findings"]),
        )


def _finding_in(data: Mapping[str, Any]) -> Finding:
    """A finding of a JSON report; of an older one, which does not say what it asks for."""
    known = {"need": CATALOGUE[data["code"]].need, **data}
    return Finding(**{**known, "fate": Fate(data["fate"]), "targets": tuple(data["targets"])})


def as_text(report: Report, version: str) -> str:
    """A page of plain text: verdict, counts, findings worst first, and every setting."""
    lines = [f"xml2poms {version}".rstrip()]
    for file in report.files:
        lines += ["", f"{file.source}: {file.verdict}, {SENTENCES[file.verdict]}"]
        if file.error is not None:
            lines += [f"  {file.error}", f"  -> {file.error.advice}"]
            continue
        counts = ", ".join(f"{count} {fate.value}" for fate, count in file.fates.items())
        lines.append(f"  {len(file.settings)} settings: {counts}")
        for project in file.projects:
            lines.append(
                f"  project {project.name} ({project.experiment}), "
                f"{project.role}: {project.role_because}"
            )
            lines += [f"    writes {output}" for output in project.outputs]
            for stage in project.stages:
                lines.append(f"    stage {stage.name}: {stage.verdict}")
                lines.append(f"      asks for {stage.asks}")
        for kind, heading in HEADINGS.items():
            own = [finding for finding in file.findings if finding.kind == kind]
            lines += ["", heading] if own else []
            lines += _findings(file, own)
        lines += ["", "checklist"] if file.checklist else []
        for number, step in enumerate(file.checklist, 1):
            lines.append(f"  {number}. {step.what}")
            lines += [f"     {step.command}"] if step.command else []
        lines += _run_book(file)
        lines += ["", "settings"]
        for setting in file.settings:
            value = " ".join(setting.value.split())
            lines.append(f"  {placed(file.source, setting.line)} {setting.path} = {value}")
            targets = ", ".join(setting.targets)
            lines.append(f"    {setting.fate.value}{': ' + targets if targets else ''}")
        lines += ["", "without a setting in the XML"] if file.implied else []
        for implied in file.implied:
            where = f" [{implied.stage}]" if implied.stage else ""
            lines.append(f"  {implied.what}{where}: {implied.message}")
    return "\n".join(map(one_line, lines)) + "\n"


def _run_book(file: FileReport) -> Iterator[str]:
    for chapter in runbook(file):
        yield ""
        yield f"{TITLE.lower()}: {chapter.title}"
        for entry in chapter.entries:
            yield f"  {entry.what}: {entry.text}"
            if entry.command:
                yield f"     {entry.command}"


def _findings(file: FileReport, findings: Iterable[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        where = placed(file.source, finding.line)
        stage = f" [{finding.stage}]" if finding.stage else ""
        lines.append(f"  {where}{stage} {finding.code} {finding.fate.value}: {finding.message}")
        if finding.waived:
            lines.append(f"    accepted: {finding.waived}")
        elif finding.advice:
            lines.append(f"    -> {finding.advice}")
    return lines
