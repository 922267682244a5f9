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
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from converter.errors import UsageError
from converter.findings.catalogue import CATALOGUE
from converter.findings.finding import Finding
from converter.reading import read_text
from converter.report.model import FileReport, WaiverState, with_findings

if TYPE_CHECKING:
    from configobj import ConfigObj

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
    config = _config(path)
    if config.scalars:
        raise _error(path, f"{config.scalars[0]} stands outside of a [section]", "name a section")
    return tuple(_waiver(path, name, dict(config[name])) for name in config.sections)


def beside(directory: str) -> tuple[Waiver, ...]:
    """The waivers of a directory, none if it has no file of them."""
    path = os.path.join(directory, NAME)
    return read_waivers(path) if os.path.isfile(path) else ()


def added(path: str, waiver: Waiver) -> str:
    """The text of the waivers file with one more; comments and all else stay as they are."""
    config = _config(path if os.path.exists(path) else None)
    name = waiver.name
    while name in config.sections:
        name += "_"
    values = {
        "code": waiver.code,
        "files": waiver.files,
        "stage": waiver.stage,
        "reason": " ".join(waiver.reason.split()),
        "who": waiver.who,
        "until": waiver.until.isoformat() if waiver.until else "",
    }
    config[name] = {key: value for key, value in values.items() if value not in ("", "*")}
    if len(config.sections) > 1:
        config.comments[name] = [""]
    return "\n".join(config.write()) + "\n"


def _config(path: str | None) -> ConfigObj:
    """A file of waivers, or an empty one."""
    # Imported only where somebody has such a file.
    from configobj import ConfigObj, ConfigObjError

    if path is None:
        return ConfigObj(list_values=False)
    try:
        lines = read_text(path).splitlines()
        config = ConfigObj(lines, list_values=False, interpolation=False, raise_errors=True)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error(path, f"cannot be read: {reason}", "check the name") from None
    except ConfigObjError as error:
        raise _error(path, str(error), "correct this line") from None
    return config


def _waiver(path: str, name: str, values: dict[str, object]) -> Waiver:
    for key, value in values.items():
        if key not in _KEYS or not isinstance(value, str):
            near = difflib.get_close_matches(key, _KEYS, 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(_KEYS)}"
            raise _error(path, f"[{name}] {key} is not known", hint)
    given = {key: str(value).strip() for key, value in values.items()}
    code = given.get("code", "").upper()
    if code not in CATALOGUE:
        near = difflib.get_close_matches(code, list(CATALOGUE), 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else "as in a report, for example X2P407"
        raise _error(
            path, f"[{name}] code = {code or '(nothing)'}: not the code of a finding", hint
        )
    if not given.get("reason"):
        raise _error(path, f"[{name}] has no reason", "say why it is accepted: reason = …")
    until = None
    if given.get("until"):
        try:
            until = datetime.date.fromisoformat(given["until"])
        except ValueError:
            message = f"[{name}] until = {given['until']}: not a date"
            raise _error(path, message, "write it as 2027-06-30") from None
    return Waiver(
        name,
        code,
        given["reason"],
        given.get("files") or "*",
        given.get("stage") or "*",
        given.get("who", ""),
        until,
    )


def _error(path: str, message: str, advice: str) -> UsageError:
    return UsageError("X2P913", message, advice, file=path)
