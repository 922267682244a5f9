"""`xml2poms review`: going through findings, and accepting some with a reason."""

from __future__ import annotations

import datetime
import getpass
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from converter.errors import UsageError, XmlError
from converter.files import put
from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.message import in_general
from converter.migration.summary import MANIFEST, output, rows_in, worst_first
from converter.report.model import placed
from converter.report.waivers import NAME, Waiver, added, read_waivers
from converter.text import visible

__all__ = ["review"]

_EXAMPLES = 3


class _Place(Struct):
    """Findings of one kind in one file: how many are open, and one of them."""

    source: str
    count: int
    line: int | None
    message: str
    page: str = ""
    """The page of the file, if there is one."""

    def __str__(self) -> str:
        return placed(self.source, self.line)


class _Group(Struct):
    """Findings with one code, over all files."""

    code: str
    fate: Fate
    need: str
    places: list[_Place] = []
    waived: int = 0

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def advice(self) -> str:
        """What to do, unless that is another command in each place."""
        advice = in_general(CATALOGUE[self.code].advice)
        return "" if advice.isupper() else advice


class _Review(Struct, frozen=True):
    """What is reviewed: groups, worst first, and where waivers go."""

    groups: tuple[_Group, ...]
    waivers: str
    again: str
    """How to have the waivers counted."""


class _Commands(click.Group):
    """`review TARGET` goes through the findings; `review accept CODE` accepts without asking."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["through", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, short_help="Go through the findings of a report; accept some.")
def review() -> None:
    """Go through the findings of a migration or of a .json report, and accept some.

    \b
      xml2poms review OUT           step through, grouped by code, worst first
      xml2poms review r.json --list only show them
      xml2poms review accept X2P202 --files 'mcc9/*' --reason '…' --waivers FILE

    Accepted findings are written to a waivers file, with the reason, the name of who accepts, and
    an end date.  From the next run on they are marked in every report and do not count for
    --fail-on.
    """


_WAIVERS = click.option(
    "--waivers",
    metavar="FILE",
    help=f"The waivers file to write; default: {NAME} next to the sources.",
)
_WHO = click.option("--who", help="Name of who accepts; default: your user name.")
_UNTIL = click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day it counts."
)


@review.command("through", short_help="Step through the findings (the default).")
@click.argument("target", metavar="OUT|REPORT.json")
@click.option("--list", "only_list", is_flag=True, help="Show the groups and ask nothing.")
@_WAIVERS
@_WHO
@_UNTIL
def through(
    target: str,
    only_list: bool,
    waivers: str | None,
    who: str | None,
    until: datetime.datetime | None,
) -> int:
    """Show the findings that are not accepted yet, grouped by code, worst first.

    For each group: accept it everywhere, in the directory of the file shown, or in that file
    alone; see the next file; skip it.
    """
    found = _read(target, waivers)
    if only_list:
        for group in found.groups:
            _show(group)
        return 0
    accepted = 0
    for number, group in enumerate(found.groups, 1):
        click.echo(f"\n{number} of {len(found.groups)}")
        answer = _ask(group)
        if answer is None:
            break
        if answer:
            reason = click.prompt("why", type=str).strip()
            _accept(found.waivers, group.code, reason, answer, "*", who, until)
            accepted += 1
    if accepted:
        click.echo(visible(f"\n{found.again}"))
    elif not found.groups:
        click.echo("nothing is left to review")
    return 0


@review.command("accept", short_help="Accept a kind of finding, without asking.")
@click.argument("code")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--files", default="*", metavar="GLOB", help="The XML's paths or names.")
@click.option("--stage", default="*", metavar="GLOB", help="Only findings about such stages.")
@click.option("--waivers", default=NAME, show_default=True, metavar="FILE", help="Where to write.")
@_WHO
@_UNTIL
def accept(
    code: str,
    reason: str,
    files: str,
    stage: str,
    waivers: str,
    who: str | None,
    until: datetime.datetime | None,
) -> int:
    """Write a waiver for the findings with CODE."""
    name = code.upper()
    if name not in CATALOGUE:
        raise UsageError(
            "X2P901", f"{code!r} is not the code of a finding", "codes are written as X2P407"
        )
    if not reason.strip():
        raise UsageError("X2P913", "a waiver needs a reason", "--reason 'why it is accepted'")
    _accept(waivers, name, reason, files, stage, who, until)
    return 0


def _accept(
    path: str,
    code: str,
    reason: str,
    files: str,
    stage: str,
    who: str | None,
    until: datetime.datetime | None,
) -> None:
    """Write a waiver, and say so."""
    last = until.date() if until else None
    waiver = Waiver(code, code, reason, files, stage, who or getpass.getuser(), last)
    text = added(path, waiver)
    put(Path(path), text)
    read_waivers(path)
    click.echo(visible(f"{path}: {waiver.code} in {waiver.files} is accepted: {waiver.reason}"))


def _ask(group: _Group) -> str | None:
    """A glob of files in which the group is accepted; '' to skip it, None to stop."""
    position = 0
    _show(group)
    while True:
        place = group.places[position]
        folder = place.source.rpartition("/")[0]
        click.echo(visible(f"  at {place}"))
        answer = click.prompt(
            "accept [e]verywhere, in this [d]irectory, in this [f]ile; [n]ext file, "
            "[o]pen its page, [s]kip, [q]uit",
            type=click.Choice(list("edfnosq")),
            show_choices=False,
        )
        if answer == "e":
            return "*"
        if answer == "d":
            return f"/{_literal(folder)}/*" if folder else "*"
        if answer == "f":
            return "/" + _literal(place.source.lstrip("/"))
        if answer == "s":
            return ""
        if answer == "q":
            return None
        if answer == "o":
            _open(place)
            continue
        position = (position + 1) % len(group.places)
        click.echo(visible(f"  {group.places[position].message}"))


def _open(place: _Place) -> None:
    if not os.path.isfile(place.page):
        click.echo("  it has no page: migrate without --no-pages, or --report FILE.html")
    elif click.launch(place.page):
        click.echo(visible(f"  open {place.page}"))


def _literal(path: str) -> str:
    """A path as a glob that only it matches."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _show(group: _Group) -> None:
    files = "1 file" if len(group.places) == 1 else f"{len(group.places):,} files"
    waived = f", {group.waived:,} accepted" if group.waived else ""
    click.echo(visible(f"{group.code} {group.fate.value}: {group.count:,} in {files}{waived}"))
    click.echo(f"  {CATALOGUE[group.code].title}")
    for place in group.places[:_EXAMPLES]:
        click.echo(visible(f"  {place}: {place.message}"))
    if group.advice:
        click.echo(visible(f"  -> {group.advice}"))


# -- reading --------------------------------------------------------------------------------


def _read(target: str, waivers: str | None) -> _Review:
    """The findings of a migration's directory, of its migration.json, or of a .json report."""
    path = Path(target, MANIFEST) if os.path.isdir(target) else Path(target)
    try:
        if path.name == MANIFEST:
            with path.open(encoding="utf-8") as file:
                groups = _grouped(_of_rows(rows_in(file), path.parent))
            with path.open(encoding="utf-8") as file:
                default = _waivers_file(file)
            again = "run the same migrate again to have them counted"
        else:
            report = json.loads(path.read_text(encoding="utf-8"))
            groups = _grouped(_of_report(report, str(path.with_suffix(".html"))))
            default = os.path.join(os.path.dirname(report["files"][0]["source"]), NAME)
            again = "convert again to have them counted"
    except OSError as error:
        raise XmlError(
            "X2P905",
            f"cannot be read: {error.strerror or error}",
            "name the directory of a migration, or a .json report",
            file=str(path),
        ) from None
    except (StopIteration, RecursionError, *_NOT_OURS):
        raise XmlError(
            "X2P914",
            "is not an xml2poms report",
            "name the directory of a migration, or a .json report",
            file=str(path),
        ) from None
    return _Review(groups, waivers or default or NAME, again)


_NOT_OURS = (ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What comes of reading something else than was written here."""


def _waivers_file(lines: Iterable[str]) -> str:
    line = next(line for line in lines if line.startswith('"waivers_file": '))
    return str(json.loads(line.partition(": ")[2].rstrip().removesuffix(",")))


_Found = tuple[str, Fate, str, int, int, _Place]
"""Code, fate, what it asks for, how many are open and how many accepted, and one of them."""


def _of_rows(rows: Iterator[dict[str, Any]], out: Path) -> Iterator[_Found]:
    for row in rows:
        page = str(out / output(row, ".html"))
        for code, found in row.get("findings", {}).items():
            open_ = found["count"] - found["waived"]
            place = _Place(row["source"], open_, found["line"], found["message"], page)
            need = found.get("need", CATALOGUE[code].need)
            yield code, Fate(found["fate"]), need, open_, found["waived"], place


def _of_report(report: dict[str, Any], page: str) -> Iterator[_Found]:
    for file in report["files"]:
        for found in file["findings"]:
            place = _Place(file["source"], 1, found["line"], found["message"], page)
            waived = int(found["waived"] is not None)
            need = found.get("need", CATALOGUE[found["code"]].need)
            yield found["code"], Fate(found["fate"]), need, 1 - waived, waived, place


def _grouped(findings: Iterator[_Found]) -> tuple[_Group, ...]:
    groups: dict[str, _Group] = {}
    for code, fate, need, open_, waived, place in findings:
        group = groups.setdefault(code, _Group(code, fate, need))
        group.waived += waived
        if open_:
            group.fate = max(group.fate, fate, key=lambda f: f.rank)
            group.places.append(place)
    left = [group for group in groups.values() if group.places]
    return tuple(sorted(left, key=lambda g: worst_first(g.code, g.fate, len(g.places), g.need)))
