"""The sum of a migration on a terminal: verdicts, what blocks, what differs, what comes next.

In short, at most 25 lines of 80 signs; with `-v` more of every list.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from rich.console import Console
from rich.text import Text

from converter.findings.catalogue import CATALOGUE
from converter.findings.explanation import advice, headline
from converter.migration.names import TODO
from converter.migration.summary import Migration, Rank
from converter.pasted import file_word
from converter.report.console import say
from converter.report.model import HEADINGS, placed
from converter.report.terminal import STYLES, show_next, show_waivers

__all__ = ["show"]

_MOST, _FEW = 15, 4
"""How many of a list are shown; migration.json has all."""

_SHORT = {"block": 3, "agree": 3, "failed": 2}
"""How many kinds of findings and of failures are shown in short."""

_TASKS = {
    "credentials": "Credentials",
    "define": "Datasets to define",
    "prestage": "Datasets to bring to disk",
}


def show(
    console: Console, migration: Migration, written: Sequence[str], *, verbose: bool = False
) -> None:
    """Print the summary.

    written  where all of it can be read
    """
    counts = [
        Text(f"{count:,} {verdict}", style=STYLES.get(verdict, "dim"))
        for verdict, count in migration.verdicts.items()
    ]
    say(
        console,
        Text.assemble((f"{_files(migration.files)}: ", "bold"), Text(", ").join(counts)),
    )
    say(
        console,
        f"campaigns: {migration.campaigns:,}, stages: {migration.stages:,}, "
        f"settings: {migration.leaves:,}",
    )
    if migration.families is not None:
        found = migration.families
        say(
            console,
            f"families: {found.families:,}, campaigns in them: {found.campaigns:,} (columns: "
            f"{found.columns:,}, overrides: {found.overrides:,}), on their own: {found.alone:,}",
        )
    if verbose:
        _in_full(console, migration)
    else:
        _in_short(console, migration)
    _next(console, migration, written, verbose=verbose)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


# -- in short ---------------------------------------------------------------------------------


def _in_short(console: Console, migration: Migration) -> None:
    for need in ("block", "agree"):
        ranks, most = _open(migration, need), _SHORT[need]
        if not ranks:
            continue
        say(console, "")
        heading = f"{HEADINGS[need]}, in {_files(migration.needs.get(need, 0))}"
        say(console, Text(heading, style="bold"))
        for rank in ranks[:most]:
            told = rank.message if rank.count == 1 else headline(rank.code)
            say(console, _cut(console, f"  {rank.code} {rank.files:>6,}  {told}"))
            if need == "block" and (what := advice(rank.code)):
                say(console, Text(_cut(console, f"      -> {what}"), style="cyan"))
        _more_kinds(console, len(ranks) - most)
    more = [
        f"{number:,} {what}"
        for number, what in (
            (sum(1 for _ in migration.conflicts()), "datasets defined in several ways"),
            (sum(1 for _ in migration.namesakes()), "campaigns of one name"),
            (len(migration.stale), "outputs of earlier runs left"),
            (sum(w.state != "used" for w in migration.waivers), "waivers that accept nothing"),
        )
        if number
    ]
    errors = (row.get("error") for row in migration.rows("failed"))
    failed = Counter(error["code"] for error in errors if error)
    if failed:
        say(console, "")
        say(console, Text("Failed", style="bold"))
    for code, number in failed.most_common(_SHORT["failed"]):
        told = f"{headline(code)}: {CATALOGUE[code].advice}"
        say(console, _cut(console, f"  {code} {number:>6,}  {told}"))
    _more_kinds(console, len(failed) - _SHORT["failed"])
    if more:
        say(console, Text("; ".join(more), style="dim"))


def _open(migration: Migration, need: str) -> list[Rank]:
    """Kinds of findings that ask for that and are not accepted, those of most files first."""
    ranks = [rank for rank in migration.findings if rank.need == need and rank.open]
    return sorted(ranks, key=lambda rank: -rank.files)


def _more_kinds(console: Console, number: int) -> None:
    if number > 0:
        say(console, f"  … and {number} more")


def _cut(console: Console, line: str) -> str:
    """A line that fits a terminal's; in full elsewhere."""
    if not console.is_terminal or len(line) <= console.width:
        return line
    return line[: console.width - 2].rstrip() + " …"


# -- in full ----------------------------------------------------------------------------------


def _in_full(console: Console, migration: Migration) -> None:
    if migration.leaves:
        fates = ", ".join(f"{count:,} {fate}" for fate, count in migration.fates.items())
        say(console, f"settings: {fates}")
    _findings(console, migration.findings)
    _some(
        console,
        "Roles and why, by kind of reason",
        (
            (f"{one.role} in {_files(one.files)}: {one.because}, first in {one.source}",)
            for one in migration.roles
        ),
        len(migration.roles),
    )
    _some(
        console,
        "Tags that project.py does not know",
        (
            (f"<{one.name}> in {_files(one.files)}, first in {one.source}",)
            for one in migration.unknown
        ),
        len(migration.unknown),
    )
    _tasks(console, migration)
    conflicts = list(migration.conflicts())
    _some(
        console,
        "Datasets that are defined in several ways: only one of them can exist",
        ((f"{one.name} ({one.ways} ways): {', '.join(one.sources)}",) for one in conflicts),
        len(conflicts),
    )
    _some(
        console,
        "Campaigns of one name: in POMS each replaces the one before",
        (
            (f"{one.name} ({_files(one.files)}, first in {one.source})",)
            for one in migration.namesakes()
        ),
        sum(1 for _ in migration.namesakes()),
    )
    _some(
        console,
        "Left from earlier runs; --prune removes what nobody has changed",
        ((f"{one.path}: {one.reason} ({one.source})",) for one in migration.stale),
        len(migration.stale),
    )
    show_waivers(console, migration.waivers)
    _failures(console, migration)


def _findings(console: Console, ranks: Sequence[Rank]) -> None:
    if not ranks:
        return
    say(console, "")
    say(console, Text("Findings, worst first", style="bold"))
    for rank in ranks[:_MOST]:
        style = STYLES.get(rank.need, "dim")
        asks = rank.need or "good to know"
        head = Text.assemble("  ", (rank.code, style), f" {asks}, ", _files(rank.files))
        waived = f", {rank.waived:,} of {rank.count:,} accepted" if rank.waived else ""
        say(console, head.append(f"{waived}: {headline(rank.code)}"))
        say(console, Text(f"         {rank.example}", style="dim"))
    _more(console, len(ranks), _MOST)


def _tasks(console: Console, migration: Migration) -> None:
    shown: dict[str, list[tuple[str, ...]]] = {kind: [] for kind in _TASKS}
    counts: Counter[str] = Counter()
    for task in migration.tasks():
        counts[task.kind] += 1
        if task.kind in shown and len(shown[task.kind]) < _FEW:
            command = (f"    {task.command}",) if task.command else ()
            shown[task.kind].append((f"{task.what} ({_files(task.files)})", *command))
    for kind, heading in _TASKS.items():
        _some(console, heading, shown[kind], counts[kind], _FEW)


def _failures(console: Console, migration: Migration) -> None:
    """One kind of failure after the other, with a few of its files."""
    kinds: dict[str, list[tuple[str]]] = {}
    advised: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for row in migration.rows("failed"):
        error = row.get("error")
        if not error:
            continue
        counts[error["code"]] += 1
        shown = kinds.setdefault(error["code"], [])
        if len(shown) < _FEW:
            shown.append((f"{placed(row['source'], error['line'])}: {error['message']}",))
        advised[error["code"]] = error["advice"]
    for code, lines in sorted(kinds.items(), key=lambda item: (-counts[item[0]], item[0])):
        _some(console, f"Failed: {headline(code)} ({code})", lines, counts[code], _FEW)
        say(console, Text(f"  -> {advised[code]}", style="cyan"))


def _some(
    console: Console,
    heading: str,
    entries: Iterable[tuple[str, ...]],
    number: int,
    most: int = _MOST,
) -> None:
    """Print the first of a list; an entry has one line or more."""
    if not number:
        return
    say(console, "")
    say(console, Text(f"{heading}: {number:,}", style="bold"))
    for line in chain.from_iterable(islice(entries, most)):
        say(console, "  " + line)
    _more(console, number, most)


def _more(console: Console, number: int, most: int) -> None:
    if number > most:
        say(console, f"  … and {number - most:,} more")


# -- in both ----------------------------------------------------------------------------------


def _next(console: Console, migration: Migration, written: Sequence[str], *, verbose: bool) -> None:
    """Where all of it is, and what to do now, as commands."""
    left = [rank.code for need in ("block", "agree") for rank in _open(migration, need)]
    said = [f"xml2poms explain {left[0]}"] if left else []
    if written:
        say(console, f"all of it: {', '.join(written)}")
        out = os.path.dirname(written[0])
        said.append(f"xml2poms review {file_word(out)}")
        if migration.campaigns:
            said.append(f"bash {file_word(os.path.join(out, TODO))} --dry-run")
    said += [] if verbose else ["-v for more"]
    if said:
        show_next(console, said)
