"""The sum of a migration on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from rich.console import Console
from rich.text import Text

from converter.findings.catalogue import CATALOGUE
from converter.migration.summary import Migration
from converter.report.model import placed
from converter.report.terminal import STYLES, show_waivers

__all__ = ["show"]

_MOST, _FEW = 15, 4
"""How many of a list are shown; migration.json has all."""

_TASKS = {
    "credentials": "Credentials",
    "define": "Datasets to define",
    "prestage": "Datasets to bring to disk",
}


def show(console: Console, migration: Migration, written: str) -> None:
    """Print the summary.

    written  where all of it can be read; '' where nothing was written
    """
    console.print(
        f"\n[bold]{migration.files:,} files[/bold]: {migration.campaigns:,} campaigns with "
        f"{migration.stages:,} stages",
        highlight=False,
    )
    for status, count in migration.verdicts.items():
        style = STYLES.get(status, "dim")
        console.print(f"  {count:>7,} [{style}]{status}[/{style}]", highlight=False)
    if migration.families is not None:
        found = migration.families
        console.print(
            f"{found.families:,} families of {found.campaigns:,} campaigns, with "
            f"{found.columns:,} columns and {found.overrides:,} overrides in all; "
            f"{found.alone:,} campaigns on their own",
            highlight=False,
        )
    if migration.leaves:
        counts = ", ".join(f"{count:,} {fate}" for fate, count in migration.fates.items())
        console.print(f"{migration.leaves:,} settings: {counts}", highlight=False)
    _findings(console, migration)
    _some(
        console,
        "Roles and why, by kind of reason",
        (
            f"{one.role} in {_files(one.files)}: {one.because}, first in {one.source}"
            for one in migration.roles
        ),
        len(migration.roles),
    )
    _some(
        console,
        "Tags that project.py does not know",
        (
            f"<{one.name}> in {_files(one.files)}, first in {one.source}"
            for one in migration.unknown
        ),
        len(migration.unknown),
    )
    _tasks(console, migration)
    conflicts = list(migration.conflicts())
    _some(
        console,
        "Datasets that are defined in several ways: only one of them can exist",
        (f"{one.name} ({one.ways} ways): {', '.join(one.sources)}" for one in conflicts),
        len(conflicts),
    )
    _some(
        console,
        "Campaigns of one name: in POMS each replaces the one before",
        (
            f"{one.name} ({_files(one.files)}, first in {one.source})"
            for one in migration.namesakes()
        ),
        sum(1 for _ in migration.namesakes()),
    )
    _some(
        console,
        "Left from earlier runs; --prune removes what nobody has changed",
        (f"{one.path}: {one.reason} ({one.source})" for one in migration.stale),
        len(migration.stale),
    )
    show_waivers(console, migration.waivers)
    _failures(console, migration)
    if written:
        console.print(Text(f"\nAll of it: {written}"), soft_wrap=True)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def _findings(console: Console, migration: Migration) -> None:
    if not migration.findings:
        return
    console.print("\n[bold]Findings, worst first[/bold]", highlight=False)
    for rank in migration.findings[:_MOST]:
        style = "red" if rank.fate.is_loss else "yellow"
        head = Text.assemble("  ", (rank.code, style), f" {rank.fate.value}, ", _files(rank.files))
        waived = f", {rank.waived:,} of {rank.count:,} accepted" if rank.waived else ""
        console.print(head.append(f"{waived}: {rank.title}"), soft_wrap=True)
        console.print(Text(f"         {rank.example}", style="dim"), soft_wrap=True)
    _more(console, len(migration.findings), _MOST)
    code = migration.findings[0].code
    console.print(Text(f"  What one means: xml2poms explain {code}"), soft_wrap=True)


def _tasks(console: Console, migration: Migration) -> None:
    shown: dict[str, list[str]] = {kind: [] for kind in _TASKS}
    counts: Counter[str] = Counter()
    for task in migration.tasks():
        counts[task.kind] += 1
        if len(shown[task.kind]) < _FEW:
            command = f"\n      {task.command}" if task.command else ""
            shown[task.kind].append(f"{task.what} ({_files(task.files)}){command}")
    for kind, heading in _TASKS.items():
        _some(console, heading, shown[kind], counts[kind], _FEW)


def _failures(console: Console, migration: Migration) -> None:
    """One kind of failure after the other, with a few of its files."""
    kinds: dict[str, list[str]] = {}
    advice: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for row in migration.rows("failed"):
        error = row["error"]
        counts[error["code"]] += 1
        shown = kinds.setdefault(error["code"], [])
        if len(shown) < _FEW:
            shown.append(f"{placed(row['source'], error['line'])}: {error['message']}")
        advice[error["code"]] = error["advice"]
    for code, lines in sorted(kinds.items(), key=lambda item: (-counts[item[0]], item[0])):
        _some(console, f"Failed: {CATALOGUE[code].title} ({code})", lines, counts[code], _FEW)
        console.print(Text(f"  -> {advice[code]}", style="cyan"), soft_wrap=True)


def _some(
    console: Console, heading: str, lines: Iterable[str], number: int, most: int = _MOST
) -> None:
    if not number:
        return
    console.print(Text(f"\n{heading}: {number:,}", style="bold"), soft_wrap=True)
    for line in islice(lines, most):
        console.print(Text("  " + line), soft_wrap=True)
    _more(console, number, most)


def _more(console: Console, number: int, most: int) -> None:
    if number > most:
        console.print(f"  … and {number - most:,} more", highlight=False)
