"""`xml2poms review`: going through findings, and accepting some with a reason."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from converter.cli.explain import explained
from converter.cli.signoff import changes, members, page, sign
from converter.cli.stepping import Group, Place, only, show, step_through
from converter.cli.who import WHO, pattern, said
from converter.errors import UsageError, XmlError
from converter.files import put
from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.migration.manifest import Manifest, source_path
from converter.migration.names import MANIFEST
from converter.migration.row import Row, output
from converter.migration.summary import worst_first
from converter.reading import read_text
from converter.report.waivers import NAME, Waiver, added, meant, read_waivers
from converter.text import one_line, visible

__all__ = ["review"]


class _Review(Struct, frozen=True):
    """What is reviewed: groups, worst first, and where waivers go."""

    groups: tuple[Group, ...]
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
      xml2poms review sign OUT --files 'mcc9/*'      sign for campaigns as they are
      xml2poms review changes OUT                    what has changed since
      xml2poms review page OUT -o signed.html        all of it on a page to print

    Accepted findings are written to a waivers file, with the reason, the name of who accepts, and
    an end date.  From the next run on they are marked in every report and do not count for
    --fail-on.
    """


for _command in (sign, changes, page):
    review.add_command(_command)

_WAIVERS = click.option(
    "--waivers",
    metavar="FILE",
    help=f"The waivers file to write; default: {NAME} next to the sources.",
)
_UNTIL = click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day it counts."
)


@review.command("through", short_help="Step through the findings (the default).")
@click.argument("target", metavar="OUT|REPORT.json")
@click.option("--list", "only_list", is_flag=True, help="Show the groups and ask nothing.")
@_WAIVERS
@WHO
@_UNTIL
def through(
    target: str,
    only_list: bool,
    waivers: str | None,
    who: str,
    until: datetime.datetime | None,
) -> int:
    """Show the findings that are not accepted yet, grouped by code, worst first.

    For each group: accept it everywhere, in the directory of the file shown, in the family of its
    campaign (a migration with --families), or in that file alone; see what it means, the XML
    around it, the next file; skip it, go back, undo. ? tells the keys.
    """
    found = _read(target, waivers)
    if only_list:
        for group in found.groups:
            show(group)
        return 0

    def accept(group: Group, files: Sequence[str], reason: str) -> Callable[[], None]:
        code, several = group.code, len(files) > 1
        new = [Waiver(f"{code} {g[1:]}" if several else code, code, reason, g) for g in files]
        return _accept(found.waivers, new, who, until)

    if step_through(found.groups, accept, explained):
        click.echo(visible(f"\n{found.again}"))
    elif not found.groups:
        click.echo("nothing is left to review")
    return 0


@review.command("accept", short_help="Accept a kind of finding, without asking.")
@click.argument("code")
@click.option("--reason", required=True, metavar="TEXT", type=said, help="Why it is accepted.")
@click.option(
    "--files", default="*", metavar="GLOB", type=pattern, help="The XML's paths or names."
)
@click.option("--family", metavar="DIR", help="The XMLs of a family, OUT/families/NAME.")
@click.option(
    "--stage", default="*", metavar="GLOB", type=said, help="Only findings about such stages."
)
@click.option("--waivers", default=NAME, show_default=True, metavar="FILE", help="Where to write.")
@WHO
@_UNTIL
def accept(
    code: str,
    reason: str,
    files: str,
    family: str | None,
    stage: str,
    waivers: str,
    who: str,
    until: datetime.datetime | None,
) -> int:
    """Write a waiver for the findings with CODE; for a family, one for each of its files."""
    name = code.upper()
    if name not in CATALOGUE:
        raise UsageError(
            "X2P901", f"{code!r} is not the code of a finding", "codes are written as X2P407"
        )
    new = [Waiver(name, name, reason, files, stage)]
    if family is not None:
        path = os.path.abspath(family)
        out = os.path.dirname(os.path.dirname(path))
        sources = [one for one in members(out, os.path.basename(path)) if meant(files, one)]
        new = [Waiver(f"{name} {s}", name, reason, only(s), stage) for s in sources]
    _accept(waivers, new, who, until)
    click.echo(
        visible(
            f"it counts with --waivers {waivers}; unasked only as {NAME} in the directory that is "
            "migrated, or beside the XML that is converted"
        )
    )
    return 0


def _put_back(path: str, text: str | None) -> None:
    """The file as it was before."""
    if text is None:
        Path(path).unlink()
    else:
        put(Path(path), text)


def _accept(
    path: str, waivers: Sequence[Waiver], who: str, until: datetime.datetime | None
) -> Callable[[], None]:
    """Write waivers, and say so; what undoes it."""
    last = until.date() if until else None
    text = added(path, [replace(w, who=who, until=last) for w in waivers])
    before = read_text(path) if os.path.exists(path) else None
    put(Path(path), text)
    read_waivers(path)
    for one in waivers:
        click.echo(one_line(f"{path}: {one.code} in {one.files} is accepted: {one.reason}"))
    return partial(_put_back, path, before)


# -- reading --------------------------------------------------------------------------------


def _read(target: str, waivers: str | None) -> _Review:
    """The findings of a migration's directory, of its migration.json, or of a .json report."""
    path = Path(target, MANIFEST) if os.path.isdir(target) else Path(target)
    families: dict[str, int] = {}
    try:
        if path.name == MANIFEST:
            recorded = Manifest(str(path))
            found = _of_rows(recorded.rows(), path.parent, recorded.directories, families)
            groups = _grouped(found, families)
            default = recorded.waivers_file
            again = "run the same migrate again to have them counted"
        else:
            report = json.loads(read_text(path))
            groups = _grouped(_of_report(report, str(path.with_suffix(".html"))), families)
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
            "name the directory of a migration, or a .json report, which --report FILE.json makes",
            file=str(path),
        ) from None
    return _Review(groups, waivers or default or NAME, again)


_NOT_OURS = (ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What comes of reading something else than was written here."""


_Found = tuple[str, Fate, str, int, int, Place]
"""Code, fate, what it asks for, how many are open and how many accepted, and one of them."""


def _of_rows(
    rows: Iterator[Row],
    out: Path,
    directories: list[tuple[str, str]],
    families: dict[str, int],
) -> Iterator[_Found]:
    """families  is told how many files there are of each"""
    for row in rows:
        page = str(out / output(row, ".html"))
        xml = source_path(str(out), directories, row["source"])
        of = next((p["family"] for p in row.get("projects", ()) if "family" in p), "")
        families[of] = families.get(of, 0) + 1
        for code, found in row.get("findings", {}).items():
            open_ = found["count"] - found["waived"]
            place = Place(row["source"], open_, found["line"], found["message"], page, xml)
            place.family = of
            need = found.get("need", CATALOGUE[code].need)
            yield code, Fate(found["fate"]), need, open_, found["waived"], place


def _of_report(report: dict[str, Any], page: str) -> Iterator[_Found]:
    for file in report["files"]:
        for found in file["findings"]:
            source, advice = file["source"], found["advice"] or ""
            place = Place(source, 1, found["line"], found["message"], page, source, advice)
            waived = int(found["waived"] is not None)
            need = found.get("need", CATALOGUE[found["code"]].need)
            yield found["code"], Fate(found["fate"]), need, 1 - waived, waived, place


def _grouped(findings: Iterator[_Found], families: Mapping[str, int]) -> tuple[Group, ...]:
    groups: dict[str, Group] = {}
    for code, fate, need, open_, waived, place in findings:
        group = groups.setdefault(code, Group(code, fate, need, families=families))
        group.waived += waived
        if open_:
            group.fate = max(group.fate, fate, key=lambda f: f.rank)
            group.places.append(place)
    left = [group for group in groups.values() if group.places]
    return tuple(sorted(left, key=lambda g: worst_first(g.code, g.fate, len(g.places), g.need)))
