"""Going through groups of findings, one after the other, and accepting some."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import click
from msgspec import Struct

from converter.cli.who import said
from converter.findings.explanation import advice
from converter.findings.fates import Fate
from converter.projectpy.limits import MAX_BYTES
from converter.reading import read_bytes
from converter.report.model import placed
from converter.text import one_line, visible

__all__ = ["Group", "Place", "only", "show", "step_through"]

_EXAMPLES = 3
_AROUND = 4
"""Lines of the XML that are shown before and after the one that a finding is about."""

_KEYS = {
    "e": "accept it everywhere",
    "d": "accept it in the directory of this file",
    "f": "accept it in this file",
    "m": "accept it in all files of this family that have it",
    "n": "the next file",
    "l": "the lines of the XML around it",
    "x": "explain it",
    "o": "open the page of this file",
    "s": "skip it",
    "b": "back to the one before",
    "u": "undo the last acceptance",
    "q": "quit",
    "?": "what the keys do",
}


class Place(Struct):
    """Findings of one kind in one file: how many are open, and one of them.

    path    where the XML is, as far as is known
    family  that the file's campaign belongs to, if it does
    page    of the file, if there is one
    advice  '' where it is not known for this place
    """

    source: str
    count: int
    line: int | None
    message: str
    page: str = ""
    path: str = ""
    advice: str = ""
    family: str = ""

    def __str__(self) -> str:
        return placed(self.source, self.line)


class Group(Struct):
    """Findings with one code, over all files.

    families  how many files there are of each family
    """

    code: str
    fate: Fate
    need: str
    places: list[Place] = []
    waived: int = 0
    families: Mapping[str, int] = {}

    def by_family(self) -> Iterator[str]:
        """Of which families all files have it, and of which only some."""
        for name, number in Counter(p.family for p in self.places if p.family).most_common():
            files = self.families[name]
            part = f"all {files}" if number == files else f"{number} of {files}"
            yield f"{part} of family {name}"

    def examples(self) -> Iterator[Place]:
        """A place of each file; of a family of which all files have it, one."""
        having = Counter(place.family for place in self.places)
        told = set()
        for place in self.places:
            family = place.family
            whole = bool(family) and having[family] == self.families[family]
            if not (whole and family in told):
                yield place
            told.add(family)

    @property
    def count(self) -> int:
        return sum(place.count for place in self.places)

    @property
    def advice(self) -> str:
        """What to do: with the values of the first place, or in general."""
        return self.places[0].advice or advice(self.code)


Acceptance = Callable[[Group, Sequence[str], str], Callable[[], None]]
"""Accepts a group in files like these globs, for a reason; gives what undoes it."""


def step_through(groups: Sequence[Group], accept: Acceptance, explain: Callable[[str], str]) -> int:
    """Go through the groups; how many acceptances there are in the end."""
    undo: list[tuple[int, Callable[[], None]]] = []
    position = 0
    while position < len(groups):
        group = groups[position]
        click.echo(f"\n{position + 1} of {len(groups)}")
        show(group)
        key, files = _ask(group, explain)
        if key == "q":
            break
        if key == "b":
            position = max(position - 1, 0)
        elif key == "u":
            position = _undone(undo, position)
        else:
            if files:
                reason = click.prompt("why", value_proc=said).strip()
                undo.append((position, accept(group, files, reason)))
            position += 1
    return len(undo)


def _undone(undo: list[tuple[int, Callable[[], None]]], position: int) -> int:
    """Take back the last acceptance; the position of its group."""
    if not undo:
        click.echo("  nothing is accepted yet")
        return position
    position, take_back = undo.pop()
    take_back()
    click.echo("  taken back")
    return position


def _ask(group: Group, explain: Callable[[str], str]) -> tuple[str, Sequence[str]]:
    """The key by which a group is left, and globs of the files in which it is accepted."""
    number = 0
    while True:
        place = group.places[number]
        folder = place.source.rpartition("/")[0]
        family = "in this fa[m]ily, " if place.family else ""
        click.echo(one_line(f"  at {place}"))
        answer = click.prompt(
            f"accept [e]verywhere, in this [d]irectory, {family}in this [f]ile; [s]kip; [x]plain, "
            "[l]ines, [n]ext file, [b]ack, [u]ndo, [q]uit, [?]",
            type=click.Choice(list(_KEYS)),
            show_choices=False,
        )
        if answer in ("s", "b", "u", "q"):
            return answer, ()
        if answer == "e" and _is_meant(group):
            return answer, ["*"]
        if answer == "d":
            return answer, [f"/{_literal(folder)}/*" if folder else "*"]
        if answer == "f":
            return answer, [only(place.source)]
        if answer == "m" and place.family:
            return answer, [only(p.source) for p in group.places if p.family == place.family]
        if answer == "m":
            click.echo("  its campaign is of no family")
        elif answer == "n":
            number = (number + 1) % len(group.places)
            click.echo(one_line(f"  {group.places[number].message}"))
        elif answer == "x":
            click.echo(explain(group.code))
        elif answer == "l":
            click.echo(visible("\n".join(_lines(place))))
        elif answer == "o":
            _open(place)
        elif answer == "?":
            click.echo("\n".join(f"  {key}  {what}" for key, what in _KEYS.items()))


def _is_meant(group: Group) -> bool:
    """Whether what does not work in either system is really accepted in all files."""
    if group.fate is not Fate.INVALID:
        return True
    asked = f"  {group.fate.meaning}: type {group.code} to accept it everywhere"
    return bool(click.prompt(asked, default="", show_default=False).upper() == group.code)


def _lines(place: Place) -> Iterator[str]:
    try:
        lines = read_bytes(place.path, MAX_BYTES).decode("utf-8", "replace").splitlines()
    except OSError as error:
        yield f"  {place.path}: {error.strerror}"
        return
    if place.line is None:
        yield "  it is about the whole file"
        return
    start = max(place.line - 1 - _AROUND, 0)
    for number, line in enumerate(lines[start : place.line + _AROUND], start + 1):
        yield f"  {'>' if number == place.line else ' '}{number:>5}  {line}"


def _open(place: Place) -> None:
    if not os.path.isfile(place.page):
        click.echo("  it has no page: migrate without --no-pages, or --report FILE.html")
    elif click.launch(place.page):
        click.echo(one_line(f"  open {place.page}"))


def _literal(path: str) -> str:
    """A path as a glob that only it matches."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def only(source: str) -> str:
    """The glob of a waiver for one file of a migration."""
    return "/" + _literal(source.lstrip("/"))


def show(group: Group) -> None:
    """Print what there is of a group, with the values of its first files."""
    files = "1 file" if len(group.places) == 1 else f"{len(group.places):,} files"
    waived = f", {group.waived:,} accepted" if group.waived else ""
    need = f" ({group.need})" if group.need else ""
    click.echo(
        one_line(f"{group.code} {group.fate.value}{need}: {group.count:,} in {files}{waived}")
    )
    families = list(group.by_family())
    for told in families[:_EXAMPLES]:
        click.echo(one_line(f"  {told}"))
    if families[_EXAMPLES:]:
        click.echo(f"  and {len(families) - _EXAMPLES} further families")
    for place in islice(group.examples(), _EXAMPLES):
        click.echo(one_line(f"  {place}: {place.message}"))
    if group.advice:
        click.echo(one_line(f"  -> {group.advice}"))
