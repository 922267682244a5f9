"""Two sides of a campaign next to each other: on a terminal, as text, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from converter.findings.catalogue import CATALOGUE
from converter.report.console import Console, say
from converter.text import one_line
from converter.verify.plan import FIELDS, Value, kind
from converter.verify.verification import (
    ACCEPTED,
    ANNOUNCED,
    SAME,
    UNANNOUNCED,
    WORST_FIRST,
    Field,
    StageCheck,
    Verification,
)

__all__ = ["FORMATS", "ORDER", "STYLES", "as_dict", "show"]

FORMAT = 1
"""Version of the JSON; within one, fields are only ever added."""

ORDER = WORST_FIRST
STYLES = {UNANNOUNCED: "red", ACCEPTED: "yellow", ANNOUNCED: "yellow", SAME: "green"}
_SENTENCES = {
    UNANNOUNCED: "differences that no finding announces",
    ACCEPTED: "every difference is accepted, or announced by a finding",
    ANNOUNCED: "every difference is announced by a finding",
    SAME: "no difference",
}
_MOST_LINES = 6
"""Lines of one value that are shown."""

_MOST_SHOWN = 1_500
"""Lines of all tables on a terminal: hundreds of jobs are for a report, not for a person."""

_MOST_NAMED = 3
"""Fields of a stage that are named."""


def as_dict(found: Verification, version: str) -> dict[str, Any]:
    """The comparison in plain data, format 1."""
    return {
        "format": FORMAT,
        "tool": {"name": "xml2poms", "version": version},
        "source": found.source,
        "cfg": found.cfg,
        "ini": found.ini,
        "project": found.project,
        "verdict": found.verdict,
        "totals": {verdict: found.count(verdict) for verdict in ORDER},
        "missing": list(found.missing),
        "extra": list(found.extra),
        "invented": list(found.invented),
        "shortened": list(found.shortened),
        "first_only": found.first_only,
        "left": list(found.left),
        "not_followed": {stage: list(fields) for stage, fields in found.open.items()},
        "stages": [_stage(check) for check in found.checks],
    }


def _stage(check: StageCheck) -> dict[str, Any]:
    error = check.error
    return {
        "stage": check.stage,
        "process": check.process,
        "verdict": check.verdict,
        "error": error and {"code": error.code, "message": error.message, "advice": error.advice},
        "fields": [
            {
                "field": field.name,
                "meaning": FIELDS[kind(field.name)],
                "project": _plain(field.project),
                "campaign": _plain(field.campaign),
                "reordered": field.reordered,
                "verdict": field.verdict,
                "codes": list(field.codes),
                "reason": field.reason,
            }
            for field in check.fields
        ],
    }


def _plain(value: Value) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def as_json(found: Verification, version: str) -> str:
    return json.dumps(as_dict(found, version), indent=1, ensure_ascii=False) + "\n"


def as_text(found: Verification, version: str) -> str:
    """A page of plain text: the differences of every job."""
    lines = [f"xml2poms {version}".rstrip(), "", _heading(found)]
    lines += list(_remarks(found))
    for checks in _alike(found.checks):
        lines += ["", _title(checks)]
        if checks[0].error is not None:
            lines.append(f"  {checks[0].error}")
        for field in _shown(checks[0], everything=False):
            lines.append(f"  {field.name} ({_said(field)})")
            lines += [f"    project.py    {line}" for line in _cell(field.project)]
            lines += [f"    campaign.cfg  {line}" for line in _cell(field.campaign)]
    return "\n".join(map(one_line, lines)) + "\n"


FORMATS = {".json": as_json, ".txt": as_text}
"""The ending of a report's file name → its rendering."""


def show(console: Console, found: Verification, *, everything: bool) -> None:
    """Print the verdict, a table of what differs unannounced for each stage, and the rest counted.

    Jobs of a stage that differ alike share a table.  Where there is too much, the rest is counted.

    everything  tables of all fields
    """
    style = STYLES[found.verdict]
    say(console, Text(_heading(found), style=style))
    for remark in _remarks(found):
        say(console, remark)
    room, left = _MOST_SHOWN, 0
    for checks in _alike(found.checks):
        if not everything and checks[0].verdict in (ANNOUNCED, SAME):
            continue
        if room > 0:
            room -= _show_jobs(console, checks, room, everything=everything)
        else:
            left += len(checks)
    if left:
        console.print(f"\n… and {_number(left, 'more job')}")
    if room <= 0:
        console.print("--report FILE.json has all of it", highlight=False)
    _announced(console, found)


def _show_jobs(
    console: Console, checks: Sequence[StageCheck], room: int, *, everything: bool
) -> int:
    """Print what jobs that differ alike have, in about so many lines; how many it took."""
    console.print()
    say(console, Text(_title(checks), style="bold"))
    error = checks[0].error
    if error is not None:
        say(console, Text(f"  {error}", style="red"))
        say(console, Text(f"  -> {error.advice}", style="cyan"))
        return 1
    fields = [
        field
        for field in _shown(checks[0], everything=everything)
        if everything or field.verdict != ANNOUNCED
    ]
    rows: list[Sequence[Text]] = []
    used = 1
    for field in fields:
        if used < room:
            most = room - used
            rows.append(_row(field, most if everything else min(most, _MOST_LINES)))
            used += max(cell.plain.count("\n") + 1 for cell in rows[-1])
    if rows:
        console.print(_table(rows))
    if len(rows) < len(fields):
        console.print(f"… and {_number(len(fields) - len(rows), 'more field')}")
    return used


def _announced(console: Console, found: Verification) -> None:
    """What findings announce, counted: how many fields, in how many stages."""
    fields: dict[str, int] = {}
    stages: dict[str, set[str]] = {}
    for check in found.checks:
        for code in {code for field in check.fields for code in field.codes}:
            own = sum(code in field.codes for field in check.fields)
            fields[code] = fields.get(code, 0) + own
            stages.setdefault(code, set()).add(check.stage)
    if not fields:
        return
    console.print("\n[bold]Announced[/bold] (--all shows it)", highlight=False)
    for code in sorted(fields):
        text, _ = CATALOGUE[code].render(found.said[code])
        count = _number(fields[code], "field")
        line = f"  {code} {count} of {_number(len(stages[code]), 'stage')}: {text}"
        if console.is_terminal and len(line) > console.width:
            line = line[: console.width - 2].rstrip() + " …"
        say(console, line)
    console.print(f"what one means: xml2poms explain {min(fields)}", highlight=False)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _table(rows: Iterable[Sequence[Text]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("field", style="bold", overflow="fold", min_width=12)
    table.add_column("project.py", overflow="fold", ratio=1)
    table.add_column("campaign", overflow="fold", ratio=1)
    table.add_column("announced by", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _row(field: Field, limit: int) -> tuple[Text, ...]:
    """A field's row; of a value with more lines than `limit` the first ones."""
    same = field.verdict == SAME
    return (
        Text(field.name),
        Text("\n".join(_cell(field.project, limit))),
        Text("same" if same else "\n".join(_cell(field.campaign, limit))),
        Text("" if same else _said(field).replace(", ", "\n"), style=STYLES[field.verdict]),
    )


def _cell(value: Value, limit: int | None = None) -> list[str]:
    lines = [value] if isinstance(value, str) else list(value)
    if limit is not None and len(lines) > limit:
        return [*map(one_line, lines[: limit - 1]), f"… and {len(lines) - limit + 1} more lines"]
    return [one_line(line) for line in lines] if any(lines) else ["-"]


def _said(field: Field) -> str:
    order = ", in another order" if field.reordered else ""
    if field.verdict == ANNOUNCED:
        return ", ".join(field.codes) + order
    if field.verdict == ACCEPTED:
        return f"accepted: {field.reason}"
    return ("nothing" if field.verdict == UNANNOUNCED else "same") + order


def _shown(check: StageCheck, *, everything: bool) -> Iterator[Field]:
    """The worst first."""
    for verdict in ORDER:
        if verdict != SAME or everything:
            yield from (field for field in check.fields if field.verdict == verdict)


def _alike(checks: Iterable[StageCheck]) -> list[list[StageCheck]]:
    """Jobs of a stage that differ from project.py's in the same way.

    Of what is announced each job may have values of its own, such as names of files.
    """
    groups: dict[object, list[StageCheck]] = {}
    for check in checks:
        error = check.error and check.error.message
        different = tuple(
            field if field.verdict == UNANNOUNCED else (field.name, field.codes)
            for field in check.fields
            if field.verdict != SAME
        )
        groups.setdefault((check.stage, error, different), []).append(check)
    return list(groups.values())


def _title(checks: Sequence[StageCheck]) -> str:
    numbers = ", ".join(str(check.process) for check in checks)
    jobs = f"job {numbers}" if len(checks) == 1 else f"jobs {numbers}"
    first = checks[0]
    if first.error is not None:
        return f"{first.stage}, {jobs}: would not run"
    counts = {v: sum(f.verdict == v for f in first.fields) for v in ORDER}
    told = ", ".join(f"{counts[v]} {v}" for v in ORDER if counts[v])
    return f"{first.stage}, {jobs}: {told}"


def _heading(found: Verification) -> str:
    files = found.cfg if found.ini is None else f"{found.cfg} with {found.ini}"
    verdict = "stages are missing" if found.missing else _SENTENCES[found.verdict]
    return f"{found.source} and {files}: {verdict}"


def _remarks(found: Verification) -> Iterator[str]:
    counts = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in reversed(ORDER))
    yield f"jobs compared: {len(found.checks)}; fields: {counts}"
    if found.missing:
        yield f"stages that the campaign does not have: {', '.join(found.missing)}"
    if found.extra:
        yield f"stages that the XML does not have: {', '.join(found.extra)}"
    for name in found.invented:
        yield f"{name} is not here: files were made up for the list"
    if found.first_only:
        yield "there are many jobs: of each stage only the first is compared, or those of --process"
    if found.left:
        count = _number(len(found.left), "stage")
        yield f"not compared unless --stage names it: {count}, from {found.left[0]} on"
    if found.shortened:
        names = ", ".join(found.shortened)
        yield f"long lists of files: of a job the first and the last are compared: {names}"
    for stage, fields in found.open.items():
        first = ", ".join(fields[:_MOST_NAMED])
        more = f" and {len(fields) - _MOST_NAMED} more" if len(fields) > _MOST_NAMED else ""
        yield f"not compared, it would take too long: {stage}: {first}{more}"
