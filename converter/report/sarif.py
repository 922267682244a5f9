"""The report as SARIF 2.1.0, for tools that show findings in code and merge requests."""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from urllib.parse import quote

import msgspec

from converter.findings.catalogue import CATALOGUE
from converter.findings.finding import Finding
from converter.findings.message import in_general
from converter.report.model import FileReport, Report

__all__ = ["as_sarif", "write_sarif"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_sarif(report: Report, version: str) -> str:
    """One run: a rule for each code in use, a result for each finding.

    A failed file is a notification.  Fingerprints hold no lines, so that a finding stays the
    same one when lines above it change; a waived finding has a suppression.
    """
    codes = sorted({f.code for file in report.files for f in file.findings})
    page = io.StringIO()
    write_sarif(report.files, codes, version, page)
    return page.getvalue()


def write_sarif(
    files: Iterable[FileReport], codes: Sequence[str], version: str, out: IO[str]
) -> None:
    """Write the files' findings one after the other, each on a line of its own.

    codes  of all findings of all files
    """
    driver: dict[str, Any] = {"name": "xml2poms", "rules": [_rule(code) for code in codes]}
    if version:
        driver["version"] = version
    head = {"$schema": _SCHEMA, "version": "2.1.0"}
    out.write(_dumped(head)[:-1] + ',\n"runs": [{"columnKind": "unicodeCodePoints",\n')
    out.write('"results": [')
    failed: list[dict[str, Any]] = []
    separator = "\n"
    for file in files:
        if file.error is not None:
            failed.append(_notification(file))
        for result in _results(file, codes):
            out.write(separator + _dumped(result))
            separator = ",\n"
    known = sorted({notification["descriptor"]["id"] for notification in failed})
    driver["notifications"] = [_rule(code) for code in known]
    invocation = {"executionSuccessful": not failed, "toolExecutionNotifications": failed}
    out.write(f'\n],\n"invocations": [{_dumped(invocation)}],\n')
    out.write(f'"tool": {_dumped({"driver": driver})}}}]}}\n')


def _dumped(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain(text: str) -> str:
    """A message that holds no link: in SARIF `[words](where)` would be one."""
    return re.sub(r"([\\\[\]])", r"\\\1", text) if "](" in text else text


def _rule(code: str) -> dict[str, Any]:
    message = CATALOGUE[code]
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": message.title}}
    if message.advice:
        rule["help"] = {"text": in_general(message.advice)}
    return rule


def _results(file: FileReport, codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in file.findings:
        identity = "\n".join(
            [finding.code, file.source, finding.path or "", finding.stage or "", finding.message]
        )
        seen[identity] += 1
        text = _plain(finding.message + (f"\n{finding.advice}" if finding.advice else ""))
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": _level(finding),
            "message": {"text": text},
            "locations": [_location(file, finding.line, finding)],
            "partialFingerprints": {
                "xml2poms/v1": hashlib.sha256(f"{identity}\n{seen[identity]}".encode()).hexdigest()
            },
            "suppressions": [],
            "properties": {
                "fate": finding.fate,
                "need": finding.need,
                "targets": list(finding.targets),
            },
        }
        if finding.waived:
            result["suppressions"] = [
                {"kind": "external", "status": "accepted", "justification": finding.waived}
            ]
        yield result


def _level(finding: Finding) -> str:
    return {"block": "error", "agree": "warning"}.get(finding.need, "note")


def _location(file: FileReport, line: int | None, finding: Finding | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(file.source)}}
    if line:
        physical["region"] = {"startLine": line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding is not None and finding.project is not None:
        names = [finding.project, *([finding.stage] if finding.stage else [])]
        location["logicalLocations"] = [
            {"fullyQualifiedName": "/".join(names), "name": names[-1], "kind": "module"}
        ]
    return location


def _notification(file: FileReport) -> dict[str, Any]:
    error = file.error
    assert error is not None
    return {
        "descriptor": {"id": error.code},
        "level": "error",
        "message": {"text": _plain(f"{error.message}\n{error.advice}")},
        "locations": [_location(file, error.line, None)],
    }
