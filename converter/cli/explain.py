"""`xml2poms explain`: what a tag becomes, or what a finding means."""

from __future__ import annotations

import difflib

import click

from converter.errors import UsageError
from converter.mapping.table import TABLE, Row
from converter.report.catalogue import CATALOGUE, FAMILIES, Message, in_general

__all__ = ["explain"]


@click.command(short_help="What a tag becomes, or what a finding means.")
@click.argument("what", metavar="TAG|CODE")
def explain(what: str) -> int:
    """Say what becomes of a tag of project.py, or what the code of a finding means.

    \b
    Examples:
      xml2poms explain memory
      xml2poms explain X2P407
    """
    name = what.strip("<>")
    if name.upper() in CATALOGUE:
        click.echo(_message(CATALOGUE[name.upper()]))
        return 0
    if name in TABLE:
        click.echo(_row(TABLE[name]))
        return 0
    near = difflib.get_close_matches(name, [*TABLE, *CATALOGUE], 1, 0.6)
    raise UsageError(
        "X2P901",
        f"{what!r} is no tag of project.py and no code of a finding",
        f"did you mean {near[0]}?" if near else "tags are written as in the XML, codes as X2P407",
    )


def _message(message: Message) -> str:
    lines = [f"{message.code}: {FAMILIES[message.code[3]]}", "", f"  {message.title}"]
    if message.advice:
        lines += ["", f"  What to do: {in_general(message.advice)}"]
    return "\n".join(lines)


def _row(row: Row) -> str:
    label = row.tag if row.tag.startswith("@") else f"<{row.tag}>"
    lines = [f"{label} ({row.level})", "", f"  becomes: {row.becomes}", ""]
    lines += [f"  {fate.value:<12} {fate.meaning}" for fate in row.fates]
    if row.example:
        lines += ["", "  for example", "", f"    {row.example}", "", "  gives", ""]
        lines += [f"    {line}" for line in row.result.splitlines()]
    return "\n".join(lines)
