"""The report on a terminal: the verdict, what blocks, what is to be agreed on, what comes next.

In short, at most 25 lines of 80 signs; in full with `-v`.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

from converter.findings.finding import Finding
from converter.pasted import file_word
from converter.report.console import say
from converter.report.model import (
    HEADINGS,
    SENTENCES,
    FileReport,
    Report,
    WaiverState,
)

__all__ = ["STYLES", "show", "show_next", "show_waivers"]

STYLES = {
    "ready": "green",
    "agree": "yellow",
    "blocked": "red",
    "failed": "red",
    "block": "red",
}
"""Of verdicts, and of what findings ask for."""

_SHORT = {"block": 3, "agree": 4}
"""How many kinds of findings are shown in short: a small terminal shows all of it at once."""

_LINES = 2
"""Of a finding that blocks, in short."""

_REQUESTS = 6
"""Of so many different requests of jobs."""

_PLACES = 3
"""How many places of one finding are shown."""


def show(
    console: Console,
    report: Report,
    written: Sequence[tuple[str, str]],
    *,
    verbose: bool = False,
    todo: str = "",
) -> None:
    """Print the summary of one file's conversion.

    written  (what happened, file name) for each output, e.g. ("wrote", "campaign.cfg")
    todo     the script of the checklist, if one was written
    """
    (file,) = report.files
    verdict = (file.verdict, STYLES[file.verdict])
    says = f", {SENTENCES[file.verdict]}"
    say(console, Text.assemble((file.source, "bold"), ": ", verdict, says))
    if file.error is not None:
        return
    if verbose:
        _in_full(console, file)
        _accepted(console, report)
    else:
        _in_short(console, report)
    _written(console, written)
    reported = any(what == "report" for what, _ in written)
    _next(console, file, more=_more(verbose=verbose, reported=reported), todo=todo)


def _written(console: Console, written: Sequence[tuple[str, str]]) -> None:
    """The files, on one line for each thing that happened to them."""
    names: dict[str, list[str]] = {}
    for what, name in written:
        names.setdefault(what, []).append(name)
    if names:
        say(console, "")
    for what, those in names.items():
        say(console, Text.assemble(f"{what} ", (", ".join(those), "bold")))


# -- in short ---------------------------------------------------------------------------------


def _in_short(console: Console, report: Report) -> None:
    groups = _groups(report.files[0])
    for kind, most in _SHORT.items():
        found = groups.get(kind, [])
        if not found:
            continue
        say(console, "")
        say(console, Text(f"{HEADINGS[kind]}: {_number(found)}", style="bold"))
        for findings in found[:most]:
            if kind == "block":
                _blocking(console, findings)
            else:
                say(console, _cut(console, f"  {_head(findings)}: {findings[0].message}"))
        if found[most:]:
            say(console, f"  … and {_number(found[most:])} more")
    rest = [
        f"{_number(groups[kind])} {HEADINGS[kind].lower()}"
        for kind in ("optional", "note", "accepted")
        if kind in groups
    ]
    idle = sum(waiver.state != "used" for waiver in report.waivers)
    rest += [f"{idle} waivers that accept nothing"] if idle else []
    if rest:
        say(console, "")
        say(console, Text(", ".join(rest), style="dim"))


def _number(groups: Sequence[Sequence[Finding]]) -> str:
    return f"{sum(map(len, groups)):,}"


def _blocking(console: Console, findings: Sequence[Finding]) -> None:
    first = findings[0]
    lines = list(_wrapped(console, f"{_head(findings)}: {first.message}", 2))
    if len(lines) > _LINES:
        lines[_LINES - 1 :] = [lines[_LINES - 1] + " …"]
    for line in lines:
        say(console, line)
    if first.advice:
        say(console, Text(_cut(console, f"    -> {first.advice}"), style="cyan"))


def _head(findings: Sequence[Finding]) -> str:
    """Code and place of a kind of findings, and how often there is one."""
    first = findings[0]
    times = f" ({len(findings)} times)" if len(findings) > 1 else ""
    return f"{first.code} {_where(first)}".rstrip() + times


def _cut(console: Console, line: str) -> str:
    """A line that fits a terminal's; in full elsewhere."""
    if not console.is_terminal or len(line) <= console.width:
        return line
    return line[: console.width - 2].rstrip() + " …"


# -- in full ----------------------------------------------------------------------------------


def _in_full(console: Console, file: FileReport) -> None:
    counts = ", ".join(f"{count} {fate.value}" for fate, count in file.fates.items())
    say(console, f"{len(file.settings)} settings: {counts}")
    _requests(console, file)
    groups = _groups(file)
    for kind, heading in HEADINGS.items():
        if kind == "accepted" or kind not in groups:
            continue
        say(console, "")
        say(console, Text(heading, style="bold"))
        for findings in groups[kind]:
            _show_group(console, findings, brief=kind == "note")
    if file.checklist:
        say(console, "")
        say(console, Text("Checklist", style="bold"))
    for number, step in enumerate(file.checklist, 1):
        say(console, f"  {number}. {step.what}")
        if step.command:
            say(console, Text("     " + step.command, style="cyan"))


def _requests(console: Console, file: FileReport) -> None:
    """What jobs ask for, once for stages that ask for the same."""
    asked: dict[str, list[str]] = {}
    for stage in (s for project in file.projects for s in project.stages):
        asked.setdefault(stage.asks, []).append(stage.name)
    for request, stages in list(asked.items())[:_REQUESTS]:
        say(console, Text(f"{', '.join(stages)}: {request}", style="dim"))


def _show_group(console: Console, findings: list[Finding], *, brief: bool) -> None:
    first = findings[0]
    style = STYLES.get(first.need, "dim" if brief else "yellow")
    place = _head(findings).removeprefix(first.code)
    say(console, Text.assemble("  ", (first.code, style), place))
    shown = findings[:1] if brief else _different(findings)[:_PLACES]
    for finding, after in zip_longest(shown, shown[1:]):
        prefix = "" if finding is first else f"{_where(finding)}: ".removeprefix(": ")
        for line in _wrapped(console, prefix + finding.message, 4):
            say(console, line)
        again = after is not None and after.advice == finding.advice
        if finding.advice and not brief and not again:
            # Advice may be a command: in one piece, to be copied.
            say(console, Text("    -> " + finding.advice, style="cyan"))


def _wrapped(console: Console, text: str, indent: int) -> Iterator[str]:
    """Indented text, broken into lines only where a terminal shows it."""
    lines = [text]
    if console.is_terminal:
        lines = textwrap.wrap(text, max(console.width - indent - 2, 40), break_long_words=False)
    for number, line in enumerate(lines):
        yield " " * (indent + (2 if number and indent < 4 else 0)) + line


def _groups(file: FileReport) -> dict[str, list[list[Finding]]]:
    """Kind → findings with the same code."""
    groups: dict[str, dict[str, list[Finding]]] = {}
    for finding in file.findings:
        groups.setdefault(finding.kind, {}).setdefault(finding.code, []).append(finding)
    return {kind: list(own.values()) for kind, own in groups.items()}


def _different(findings: list[Finding]) -> list[Finding]:
    return list({(f.message, f.advice): f for f in reversed(findings)}.values())[::-1]


def _where(finding: Finding) -> str:
    """The line and the stage: the file is named above."""
    line = f"line {finding.line}" if finding.line else ""
    return f"{line} [{finding.stage}]".strip() if finding.stage else line


def _accepted(console: Console, report: Report) -> None:
    waived = Counter((f.code, f.waived) for f in report.files[0].findings if f.waived)
    if waived:
        say(console, "")
        say(console, Text(f"{HEADINGS['accepted']}: {sum(waived.values()):,}", style="bold"))
    for (code, reason), count in waived.items():
        times = f" ({count} times)" if count > 1 else ""
        say(console, f"  {code}{times}: {reason}")
    show_waivers(console, report.waivers)


def show_waivers(console: Console, waivers: Iterable[WaiverState]) -> None:
    """Print which waivers do nothing any more."""
    idle = [waiver for waiver in waivers if waiver.state != "used"]
    if idle:
        say(console, "")
        say(console, Text("Waivers that accept nothing", style="bold"))
    for waiver in idle:
        say(console, f"  [{waiver.name}] {waiver.code}: {waiver.state}")


def _more(*, verbose: bool, reported: bool) -> str:
    """How to see what has not been shown or written yet."""
    ways = [*(["-v"] if not verbose else []), *(["--report FILE.html"] if not reported else [])]
    return f"{' or '.join(ways)} for all of it" if ways else ""


def _next(console: Console, file: FileReport, *, more: str, todo: str) -> None:
    """What to do now, as commands."""
    left = [f.code for f in file.findings if f.need in ("block", "agree") and not f.waived]
    said = [f"xml2poms explain {left[0]}"] if left else []
    if todo:
        said.append(f"bash {file_word(todo)} --dry-run")
    elif file.checklist:
        said.append(f"--todo FILE.sh for the {len(file.checklist)} steps that are left")
    said += [more] if more else []
    if said:
        show_next(console, said)


def show_next(console: Console, said: Sequence[str]) -> None:
    """Print what to do next: a terminal breaks its lines between commands, not within."""
    first, *rest = said
    line = f"next: {first}"
    for one in rest:
        if console.is_terminal and len(line) + len(one) + 3 > console.width:
            say(console, f"{line};")
            line = f"      {one}"
        else:
            line += f"; {one}"
    say(console, line)
