"""What comparing a whole migration has found: a line for each campaign that differs, and a sum."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from rich.console import Console
from rich.text import Text

from converter.report.console import say
from converter.text import one_line
from converter.verify.rendering import ORDER, STYLES
from converter.verify.verification import UNANNOUNCED, Verification

__all__ = [
    "FAILED",
    "FORMATS",
    "NOTHING",
    "CampaignCheck",
    "Comparison",
    "FileCheck",
    "check_of",
    "show",
]

FAILED, NOTHING = "failed", "nothing to compare"
"""Of a file, besides the verdicts: it could not be compared; no campaign.cfg was made of it."""

FORMAT = 1
"""Version of the JSON; within one, fields are only ever added."""

_MOST_SHOWN = 20
"""Differences of a campaign that are listed on the terminal."""


class CampaignCheck(Struct, frozen=True):
    """A campaign.cfg and its project.

    totals       verdict → number of fields, of all jobs that were compared
    differences  what no finding announces, a line each
    """

    cfg: str
    project: str
    verdict: str
    jobs: int
    totals: dict[str, int]
    differences: tuple[str, ...] = ()


class FileCheck(Struct, frozen=True):
    """A source, and its campaigns; `reason` where they could not be compared.

    defect  it is this program that failed
    """

    source: str
    verdict: str
    campaigns: tuple[CampaignCheck, ...] = ()
    reason: str = ""
    defect: bool = False

    @property
    def told(self) -> str:
        """The reason with the source, which many reasons begin with."""
        named = self.reason.startswith(f"{self.source}:")
        return self.reason if named else f"{self.source}: {self.reason}"


def check_of(found: Verification) -> CampaignCheck:
    """The sum of a comparison."""
    differences = [f"{name}: the campaign has no such stage" for name in found.missing]
    for check in found.checks:
        where = f"{check.stage}, job {check.process}"
        if check.error is not None:
            differences.append(f"{where}: would not run: {check.error.message}")
        for field in check.fields:
            if field.verdict == UNANNOUNCED:
                differences.append(f"{where}: {field.name}")
    return CampaignCheck(
        found.cfg,
        found.project,
        found.verdict,
        len(found.checks),
        {verdict: found.count(verdict) for verdict in ORDER},
        tuple(differences),
    )


class Comparison(Struct, frozen=True):
    """A whole migration: its directory, and every source in it."""

    out: str
    files: Sequence[FileCheck]

    @property
    def verdicts(self) -> dict[str, int]:
        """Verdict → number of files, the worst first."""
        counts = Counter(file.verdict for file in self.files)
        return {v: counts[v] for v in (FAILED, *ORDER, NOTHING) if counts[v]}

    @property
    def totals(self) -> dict[str, int]:
        """Verdict → number of fields."""
        totals: Counter[str] = Counter()
        for campaign in self.campaigns:
            totals.update(campaign.totals)
        return {verdict: totals[verdict] for verdict in ORDER}

    @property
    def campaigns(self) -> list[CampaignCheck]:
        return [campaign for file in self.files for campaign in file.campaigns]

    @property
    def failed(self) -> list[FileCheck]:
        return [file for file in self.files if file.verdict == FAILED]


def _lines(found: Comparison, most: int | None) -> Iterator[tuple[str, str]]:
    """A style and a line of text: what differs or failed, then the sum."""
    for file in found.files:
        if file.reason and file.verdict == FAILED:
            yield STYLES[UNANNOUNCED], file.told
        for campaign in file.campaigns:
            if campaign.verdict == UNANNOUNCED:
                yield STYLES[UNANNOUNCED], f"{file.source} and {campaign.cfg}:"
                for line in campaign.differences[:most]:
                    yield "", f"  {line}"
                left = len(campaign.differences) - len(campaign.differences[:most])
                if left:
                    yield "", f"  … and {left} more"
    jobs = sum(campaign.jobs for campaign in found.campaigns)
    fields = ", ".join(f"{count} {verdict}" for verdict, count in found.totals.items())
    files = ", ".join(f"{count} {verdict}" for verdict, count in found.verdicts.items())
    yield "bold", f"{found.out}, files: {files or 'none'}"
    yield "", f"campaigns: {len(found.campaigns)}, jobs compared: {jobs}; fields: {fields}"


def show(console: Console, found: Comparison) -> None:
    """Print what differs, and the sum."""
    for style, line in _lines(found, _MOST_SHOWN):
        say(console, Text(line, style=style))


def as_text(found: Comparison, version: str) -> str:
    lines = [f"xml2poms {version}".rstrip(), "", *(line for _, line in _lines(found, None))]
    return "\n".join(map(one_line, lines)) + "\n"


def as_json(found: Comparison, version: str) -> str:
    data: dict[str, Any] = {
        "format": FORMAT,
        "tool": {"name": "xml2poms", "version": version},
        "migration": found.out,
        "verdicts": found.verdicts,
        "totals": found.totals,
        "files": [
            {**asdict(file), "campaigns": [asdict(campaign) for campaign in file.campaigns]}
            for file in found.files
        ],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


FORMATS = {".json": as_json, ".txt": as_text}
"""The ending of a report's file name → its rendering."""
