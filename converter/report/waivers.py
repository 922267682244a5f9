"""Findings that somebody has accepted, with the reason: a ConfigObj file that people edit too.

    # what we know of the MCC9 files
    [no_targetsize]
    code   = X2P202
    files  = mcc9/*.xml
    reason = jobs by number of files, as agreed in the production meeting
    who    = jdoe
    until  = 2027-06-30

A section for each waiver, under any name.  `files` is a glob for the end of the XML's path, or
with a slash in front for all of it, below the directory that is migrated; `stage` is one for the
stage's name.  Without them the waiver is for all.  After `until` it no longer counts.
"""

from __future__ import annotations

import datetime
import difflib
import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from converter.acceptance import last_day, refusal, section_lines, section_name, sections
from converter.findings.catalogue import CATALOGUE
from converter.findings.finding import Finding
from converter.reading import read_text
from converter.report.model import FileReport, WaiverState, with_findings
from converter.text import lines_of

__all__ = [
    "NAME",
    "Waiver",
    "added",
    "apply",
    "beside",
    "in_force",
    "meant",
    "read_waivers",
    "states",
]

NAME = "waivers.cfg"
"""The waivers of a directory's files, if it has any."""

_KEYS = ("code", "files", "stage", "reason", "who", "until")


class Waiver(Struct, frozen=True):
    """An accepted finding; `name` is its section, `until` the last day on which it counts."""

    name: str
    code: str
    reason: str
    files: str = "*"
    stage: str = "*"
    who: str = ""
    until: datetime.date | None = None

    def expired(self, today: datetime.date) -> bool:
        return self.until is not None and self.until < today

    def is_about(self, source: str) -> bool:
        """Whether the file of that path is one of those that are meant."""
        return meant(self.files, source)

    def covers(self, finding: Finding) -> bool:
        """Whether a finding of such a file is accepted."""
        return finding.code == self.code and (
            self.stage == "*"
            or (finding.stage is not None and fnmatchcase(finding.stage, self.stage))
        )


def meant(files: str, source: str) -> bool:
    """Whether a glob of files, as in a waiver, is for the file of that path."""
    pattern = files if files.startswith("/") else f"*/{files}"
    return fnmatchcase("/" + source.lstrip("/"), pattern)


def apply(report: FileReport, waivers: Iterable[Waiver], today: datetime.date) -> FileReport:
    """The report with accepted findings marked."""
    valid = in_force(waivers, report.source, today)
    if not valid:
        return report
    used: dict[str, None] = {}
    findings = []
    for finding in report.findings:
        waiver = next((w for w in valid if w.covers(finding)), None)
        if waiver is not None:
            used[waiver.name] = None
            by = f" ({waiver.who})" if waiver.who else ""
            finding = replace(finding, waived=waiver.reason + by)
        findings.append(finding)
    return replace(with_findings(report, findings), waivers=tuple(used))


def states(
    waivers: Iterable[Waiver], used: Mapping[str, int], today: datetime.date
) -> tuple[WaiverState, ...]:
    """What became of each waiver.

    used  name of a waiver → in how many files it accepts something
    """

    def state(waiver: Waiver) -> str:
        if waiver.expired(today):
            return "expired"
        return "used" if waiver.name in used else "stale"

    return tuple(
        WaiverState(w.name, w.code, state(w), used.get(w.name, 0), w.reason) for w in waivers
    )


def in_force(waivers: Iterable[Waiver], source: str, today: datetime.date) -> tuple[Waiver, ...]:
    """Those that may be about a file's findings."""
    return tuple(w for w in waivers if w.is_about(source) and not w.expired(today))


def read_waivers(path: str) -> tuple[Waiver, ...]:
    """The waivers of a file.  Raises UsageError that names section, key and what is allowed."""
    return tuple([_waiver(path, name, given) for name, given in sections(path, _KEYS)])


def beside(directory: str) -> tuple[Waiver, ...]:
    """The waivers of a directory, none if it has no file of them."""
    path = os.path.join(directory, NAME)
    return read_waivers(path) if os.path.isfile(path) else ()


def added(path: str, waivers: Iterable[Waiver]) -> str:
    """The text of the waivers file with more of them; all else stays as it is."""
    there = os.path.exists(path)
    taken = {waiver.name for waiver in read_waivers(path)} if there else set()
    lines = lines_of(read_text(path).rstrip()) if there else []
    for waiver in waivers:
        name = section_name(waiver.name)
        while name in taken:
            name += "_"
        taken.add(name)
        values = {
            "code": waiver.code,
            "files": _any_sign(waiver.files),
            "stage": _any_sign(waiver.stage),
            "reason": " ".join(waiver.reason.split()),
            "who": waiver.who,
            "until": waiver.until.isoformat() if waiver.until else "",
        }
        given = {k: v for k, v in values.items() if v and (k, v) not in _UNSAID}
        lines += [*([""] if lines else []), *section_lines(name, given)]
    return "\n".join(lines) + "\n"


_UNSAID = frozenset((("files", "*"), ("stage", "*")))
"""What counts where nothing is written."""


def _any_sign(glob: str) -> str:
    """A glob in which `?` stands for what a file does not hold as it is."""
    return "".join(sign if sign.isprintable() else "?" for sign in glob)


def _waiver(path: str, name: str, given: Mapping[str, str]) -> Waiver:
    code = given.get("code", "").upper()
    if code not in CATALOGUE:
        near = difflib.get_close_matches(code, list(CATALOGUE), 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else "as in a report, for example X2P407"
        raise refusal(
            path, f"[{name}] code = {code or '(nothing)'}: not the code of a finding", hint
        )
    return Waiver(
        name,
        code,
        given["reason"],
        given.get("files") or "*",
        given.get("stage") or "*",
        given.get("who", ""),
        last_day(path, name, given),
    )
