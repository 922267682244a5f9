"""`xml2poms explain`: what a tag becomes, what a finding means, what a fate says."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from collections.abc import Iterator

import click

from converter.errors import UsageError
from converter.findings.catalogue import CATALOGUE, FAMILIES
from converter.findings.explanation import Example, explanations, headline, waiver
from converter.findings.fates import Fate
from converter.findings.message import NEEDS, Message
from converter.findings.settings import KINDS, LEGACY, PICKS, TABLE, Row, Tag
from converter.findings.settings.meanings import MEANINGS

__all__ = ["explain", "explained", "how_read"]

_WIDEST = 100
"""Columns of text that are still easy to read."""


@click.command(short_help="Explain a tag, the code of a finding, or a fate.")
@click.argument("what", metavar="[TAG|CODE|FATE]", required=False)
@click.option("--list", "listed", is_flag=True, help="List all tags, codes and fates.")
def explain(what: str | None, listed: bool) -> int:
    """Explain what a tag of project.py is converted to, what a finding means, or a fate.

    Of a finding: what it means, why the two systems differ there, what happens if nothing is
    done, when it may be accepted and how, what to do, an example before and after.

    \b
    Examples:
      xml2poms explain memory
      xml2poms explain X2P407
      xml2poms explain --list
    """
    if what is None or listed:
        click.echo("\n".join(_everything()))
        return 0
    name = what.strip("<>")
    if name.upper() in CATALOGUE:
        click.echo(explained(name.upper()))
    elif name in {fate.value for fate in Fate}:
        click.echo("\n".join(_fate(Fate(name))))
    elif rows := [row for tag, row in TABLE.items() if name in (tag, tag.partition("/@")[2])]:
        click.echo("\n\n".join(map(_row, rows)))
    elif name in _NEED_OF:
        click.echo("\n".join(_asking(_NEED_OF[name])))
    elif name in LEGACY:
        click.echo("\n".join(_legacy(name)))
    else:
        raise _unknown(what, name)
    return 0


def _unknown(what: str, name: str) -> UsageError:
    names = [*TABLE, *LEGACY, *CATALOGUE, *(f.value for f in Fate), *_NEED_OF]
    known = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), list(known), 3, 0.6)
    return UsageError(
        "X2P901",
        f"{what!r} is no tag of project.py, no code of a finding and no fate",
        f"did you mean {' or '.join(known[one] for one in near)}?"
        if near
        else "xml2poms explain --list has them all",
    )


# -- lists ------------------------------------------------------------------------------------


def _everything() -> Iterator[str]:
    yield "Tags, and what they become"
    yield ""
    for row in TABLE.values():
        yield from _listed(_shown(row.tag), row.becomes)
    yield ""
    yield "Tags of former times, which project.py ignores"
    yield ""
    for tag, meaning in LEGACY.items():
        yield from _listed(f"<{tag}>", meaning)
    yield ""
    yield "Fates: what becomes of a setting"
    yield ""
    for fate in Fate:
        yield from _listed(fate.value, fate.meaning)
    for digit, family in FAMILIES.items():
        yield ""
        yield f"X2P{digit}xx: {family}"
        yield ""
        for code, message in CATALOGUE.items():
            if code[3] == digit:
                need = f" [{message.need}]" if message.need else ""
                yield from _listed(code, message.title + need)
    yield ""
    yield "What a finding asks for"
    yield ""
    for need, meaning in NEEDS.items():
        yield from _listed(need, meaning) if need else ()
    yield ""
    yield "More about one of them: xml2poms explain NAME"


def _listed(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        f"{name:<20} {' '.join(text.split())}",
        _width(),
        initial_indent="  ",
        subsequent_indent=" " * 23,
        break_on_hyphens=False,
    )


# -- one of them ------------------------------------------------------------------------------


def explained(code: str) -> str:
    """All that there is to say of a finding."""
    return "\n".join(_message(CATALOGUE[code]))


def _message(message: Message) -> Iterator[str]:
    explained = explanations()[message.code]
    yield from textwrap.wrap(f"{message.code}: {message.title}", _width())
    yield ""
    need = f"; {message.need}: {NEEDS[message.need]}" if message.need else ""
    yield from _paragraph(FAMILIES[message.code[3]] + need)
    for heading, text in (
        ("What it means", explained.meaning),
        ("Why", explained.why),
        ("If nothing is done", explained.otherwise),
        ("When to accept it", explained.accept),
        ("What to do", explained.do),
    ):
        if text:
            yield from ["", heading, *_paragraph(text)]
    for heading, example in (("Before", explained.before), ("After", explained.after)):
        yield from ["", f"{heading} ({_LANGUAGES[example.language]})", *_example(example)]
    if waiver(message):
        yield from ["", "To accept it", f"  {waiver(message)}"]


_LANGUAGES = {
    "xml": "XML",
    "cfg": "campaign.cfg or profile",
    "ini": "campaign.ini",
    "sh": "command",
    "text": "text",
}


def _example(example: Example) -> list[str]:
    return [f"    {line}".rstrip() for line in example.text.splitlines()]


def _paragraph(text: str) -> list[str]:
    # Commands and options in it are to be copied: no word is broken.
    return textwrap.wrap(
        text,
        _width(),
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _hanging(text: str, indent: int = 4) -> list[str]:
    """Text whose further lines are indented by so much."""
    return textwrap.wrap(
        text,
        _width(),
        initial_indent="  ",
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)


def _fate(fate: Fate) -> Iterator[str]:
    yield f"{fate.value}: {fate.meaning}"
    yield ""
    yield "The usual fate of"
    usual = [_shown(row.tag) for row in TABLE.values() if row.fates[0] is fate]
    yield from _paragraph(", ".join(usual) or "no setting")
    yield ""
    yield "Sometimes of"
    rare = [_shown(row.tag) for row in TABLE.values() if fate in row.fates[1:]]
    yield from _paragraph(", ".join(rare) or "no setting")


_NEED_OF = {"blocked": "block", **{need: need for need in NEEDS if need}}
"""What a finding asks for, and the verdict of a file that has such a one."""


def _asking(need: str) -> Iterator[str]:
    yield f"{need}: {NEEDS[need]}"
    yield ""
    yield "Findings that ask for it"
    for code, message in CATALOGUE.items():
        if message.need == need:
            yield from _hanging(f"{code} {headline(code)}", 10)


def _legacy(tag: str) -> Iterator[str]:
    yield f"<{tag}>"
    yield ""
    yield f"  {LEGACY[tag]}"
    yield f"  {Fate.INERT.value}: {Fate.INERT.meaning}"
    yield ""
    yield f"  X2P120 {CATALOGUE['X2P120'].title}"


def _shown(tag: str) -> str:
    element, _, attribute = tag.partition("/@")
    return f"<{element} {attribute}>" if attribute else f"<{element}>"


def _row(row: Row) -> str:
    element, _, attribute = row.tag.partition("/@")
    lines = [f"{attribute} of <{element}>" if attribute else f"<{row.tag}>", ""]
    lines += [*_paragraph(MEANINGS[row.tag]), ""]
    for tag in row.places:
        lines += _hanging(f"in <{tag.level}>: {how_read(tag)}")
    lines += [*_hanging(f"becomes: {row.becomes}"), ""]
    lines += [f"  {fate.value:<12} {fate.meaning}" for fate in row.fates]
    if row.codes:
        lines.append("")
        for code in sorted(row.codes):
            lines += _hanging(f"{code} {CATALOGUE[code].title}", 10)
    if row.example:
        lines += ["", "  for example", "", f"    {row.example}", "", "  gives", ""]
        lines += [f"    {line}" for line in row.result.splitlines()]
    return "\n".join(lines)


def how_read(tag: Tag) -> str:
    """How project.py picks and reads the tag, and what it has without it."""
    default = " ".join(tag.default) if isinstance(tag.default, tuple) else tag.default
    without = f"; without it {default}" if default not in ("", None) else ""
    if default is None and tag.level == "stage":
        without = "; without it the project's"
    return f"{KINDS[tag.read]}, {PICKS[tag.pick]}{without}"
