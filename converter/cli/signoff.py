"""`xml2poms review sign`, `changes` and `page`: a reviewer's word for files of a migration."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from converter.cli.who import WHO
from converter.errors import UsageError
from converter.files import called, check_apart, put, shown
from converter.migration.manifest import Manifest
from converter.migration.names import MANIFEST
from converter.migration.row import verdict_of
from converter.migration.signoff import (
    NAME,
    Content,
    Row,
    Signature,
    compared,
    content_of,
    read_signatures,
    signatures_text,
)
from converter.report.waivers import meant, read_waivers
from converter.text import one_line

__all__ = ["changes", "members", "page", "sign"]

_SIGNED = click.option(
    "--signed",
    metavar="FILE",
    help=f"The file of signatures; default: {NAME} where the waivers are.",
)
_FILES = click.option(
    "--files",
    default="*",
    metavar="GLOB",
    type=called,
    help="Only the XMLs of such paths or names.",
)


@click.command(short_help="Sign files of a migration off.")
@click.argument("out")
@_FILES
@_SIGNED
@click.option("--family", metavar="NAME", help="Only the XMLs of the campaigns of a family.")
@WHO
@click.option("--note", default="", metavar="TEXT", type=shown, help="What else you say of them.")
def sign(out: str, files: str, signed: str | None, family: str | None, who: str, note: str) -> int:
    """Sign for the campaigns of OUT that were made of these files, as they are now.

    What is signed is kept as checksums of the XML and of what is launched, and the codes of the
    findings, so that `review changes` tells what has changed since.  Who signed before is
    replaced, where something has changed.
    """
    path, rows = _rows(out, signed)
    today = datetime.date.today().isoformat()
    kept = {row.source: row.signature for row in rows if row.signature is not None}
    there = [row for row in rows if row.content is not None and meant(files, row.source)]
    if family is not None:
        known = set(members(out, family))
        there = [row for row in there if row.source in known]
    new = [row for row in there if row.state != "signed"]
    if not there:
        raise UsageError(
            "X2P914", f"no campaign of {out} is of a file like {files!r}", "see --files"
        )
    for row in new:
        assert row.content is not None
        kept[row.source] = Signature(row.source, who, today, row.content, " ".join(note.split()))
    put(Path(path), signatures_text(kept.values()))
    again = sum(row.signature is not None for row in new)
    before = f", {again:,} of them again, since they have changed" if again else ""
    click.echo(one_line(f"{path}: signed by {who}: {len(new):,} of {len(there):,} files{before}"))
    return 0


@click.command(short_help="What has changed since it was signed.")
@click.argument("out")
@_FILES
@_SIGNED
def changes(out: str, files: str, signed: str | None) -> int:
    """Name the files of OUT that have changed since they were signed; exit code 1 if any has."""
    _, rows = _rows(out, signed)
    rows = [row for row in rows if meant(files, row.source)]
    for row in rows:
        if row.state == "changed":
            assert row.signature is not None
            by = f"{row.signature.who}, {row.signature.when}"
            click.echo(one_line(f"{row.source} (signed by {by}): {'; '.join(row.changes)}"))
    count = Counter(row.state for row in rows)
    click.echo(
        f"{count['signed']:,} signed, {count['changed']:,} changed since, {count['open']:,} open"
    )
    return int(count["changed"] > 0)


@click.command(short_help="One page of all signatures, to be printed.")
@click.argument("out")
@click.option("-o", "--output", required=True, metavar="FILE.html", help="The page to write.")
@_SIGNED
def page(out: str, output: str, signed: str | None) -> int:
    """Write a page of what is signed, what has changed since, what is open and what is accepted."""
    # jinja2 is imported only where a page is made.
    from converter.migration.signedpage import as_page

    path, rows = _rows(out, signed)
    waivers = _manifest(out).waivers_file
    check_apart([output], [path, waivers, _manifest(out).path])
    accepted = read_waivers(waivers) if os.path.isfile(waivers) else ()
    put(Path(output), as_page(rows, accepted, os.path.basename(os.path.abspath(out))))
    return 0


def members(out: str, family: str) -> list[str]:
    """The files of a family of a migration.  Raises UsageError where there is no such family."""
    found = _manifest(out).members(family)
    if not found:
        advice = "families are called as their directories are"
        raise UsageError("X2P914", f"{out} has no family {family}", advice)
    return found


def _rows(out: str, signed: str | None) -> tuple[str, list[Row]]:
    """The file of signatures, and the files of a migration with theirs."""
    beside = os.path.join(os.path.dirname(_manifest(out).waivers_file), NAME)
    path = signed or beside
    return path, list(compared(_contents(out), read_signatures(path)))


def _contents(out: str) -> Iterator[tuple[str, str, Content | None]]:
    for row in _manifest(out).rows():
        if row["status"] not in ("skipped", "vanished"):
            yield row["source"], verdict_of(row), content_of(row)


def _manifest(out: str) -> Manifest:
    return Manifest(os.path.join(out, MANIFEST) if os.path.isdir(out) else out)
