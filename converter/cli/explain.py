"""`xml2poms explain`: what a tag becomes, or what a finding means."""

from __future__ import annotations

import difflib

import click

from converter.errors import UsageError
from converter.findings.catalogue import CATALOGUE, FAMILIES
from converter.findings.message import Message, in_general
from converter.findings.settings import KINDS, PICKS, TABLE, Row, Tag

__all__ = ["explain"]


@click.command(short_help="Explain a tag, or the code of a finding.")
@click.argument("what", metavar="TAG|CODE")
def explain(what: str) -> int:
    """Explain what a tag of project.py is converted to, or what the code of a finding means.

    \b
    Examples:
      xml2poms explain memory
      xml2poms explain X2P407
    """
    name = what.strip("<>")
    if name.upper() in CATALOGUE:
        click.echo(_message(CATALOGUE[name.upper()]))
        return 0
    rows = [row for tag, row in TABLE.items() if name in (tag, tag.partition("/")[2])]
    if rows:
        click.echo("\n\n".join(map(_row, rows)))
        return 0
    near = difflib.get_close_matches(name, [*TABLE, *CATALOGUE], 1, 0.6)
    raise UsageError(
        "X2P901",
        f"{what!r} is neither a tag of project.py nor the code of a finding",
        f"did you mean {near[0]}?" if near else "tags are written as in the XML, codes as X2P407",
    )


def _message(message: Message) -> str:
    lines = [f"{message.code}: {FAMILIES[message.code[3]]}", "", f"  {message.title}"]
    if message.advice:
        lines += ["", f"  What to do: {in_general(message.advice)}"]
    return "\n".join(lines)


def _row(row: Row) -> str:
    element, _, attribute = row.tag.partition("/@")
    lines = [f"{attribute} of <{element}>" if attribute else f"<{row.tag}>", ""]
    lines += [f"  in <{tag.level}>: {_read(tag)}" for tag in row.places]
    lines += [f"  becomes: {row.becomes}", ""]
    lines += [f"  {fate.value:<12} {fate.meaning}" for fate in row.fates]
    if row.codes:
        lines.append("")
        lines += [f"  {code} {CATALOGUE[code].title}" for code in sorted(row.codes)]
    if row.example:
        lines += ["", "  for example", "", f"    {row.example}", "", "  gives", ""]
        lines += [f"    {line}" for line in row.result.splitlines()]
    return "\n".join(lines)


def _read(tag: Tag) -> str:
    """How project.py picks and reads the tag, and what it has without it."""
    default = " ".join(tag.default) if isinstance(tag.default, tuple) else tag.default
    without = f"; without it {default}" if default not in ("", None) else ""
    if default is None and tag.level == "stage":
        without = "; without it the project's"
    return f"{KINDS[tag.read]}, {PICKS[tag.pick]}{without}"
