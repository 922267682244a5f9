"""The XML and what was written of it, line by line, with the lines that belong together linked.

Made as text here, not by a template: a page has hundreds of lines, and each would be escaped, and
looked at, by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup
from msgspec import Struct

from converter.report.model import FileReport, Setting

__all__ = ["Line", "SideBySide", "Text", "side_by_side"]

_LINES = 20_000
"""How many lines of a text are shown; real ones have 700."""

_LINKS = 3
"""How many places a line leads to."""

_KINDS = {"ini": "ini", "sh": "script"}
"""How a file's name ends → what it is; anything else is a campaign.cfg."""

_EXCERPT = 200
"""Characters of a line that stands beside a finding: the line itself is on the page too."""


class Line(Struct, frozen=True):
    """A line of a text: its number from 1, what it is called on the page, what it says."""

    number: int
    anchor: str
    text: str

    @property
    def excerpt(self) -> str:
        """The line without its indentation, cut where it is very long."""
        text = self.text.strip()
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} …"


class Text(Struct, frozen=True):
    """One of the texts.

    prefix  of the anchors of its lines, before the number
    links   number of a line → the lines of the other side that belong to it: anchor, number
    """

    name: str
    prefix: str
    lines: list[str]
    links: dict[int, dict[str, int]]

    def line(self, number: int | None) -> Line | None:
        """The line of that number, counted from 1, if there is one."""
        if number is None or not 0 < number <= len(self.lines):
            return None
        return Line(number, f"{self.prefix}{number}", self.lines[number - 1])

    @property
    def items(self) -> Markup:
        """The lines as items of a list, with their links."""
        prefix, links = self.prefix, self.links
        # Nothing but & and < begins anything in a text.
        text = "\n".join(self.lines).replace("&", "&amp;").replace("<", "&lt;")
        items = []
        for number, line in enumerate(text.split("\n"), 1):
            found = links.get(number)
            to = "".join([f" <a href=#{a}>{n}</a>" for a, n in found.items()]) if found else ""
            # A line break in the item would be shown, and copied.
            items.append(f"<li\nid={prefix}{number}>{line}{to}")
        return Markup("".join(items))


class SideBySide(Struct, frozen=True):
    """The XML, the texts that were written, and where in these something stands.

    places  project → for each text of its, target, as a finding names it → the line
    """

    xml: Text
    written: list[Text]
    places: Mapping[str, list[Mapping[str, tuple[Text, int]]]]

    def place(self, project: str | None, target: str) -> Line | None:
        """The line where something stands, if it stands in a text."""
        found = self.place_in(project, target)
        return found[0].line(found[1]) if found is not None else None

    def place_in(self, project: str | None, target: str) -> tuple[Text, int] | None:
        """The text and the number of that line."""
        for places in self.places.get(project or "", ()):
            if target in places:
                return places[target]
        return None


def side_by_side(number: int, file: FileReport) -> SideBySide:
    """The texts of a file, the `number`th of its page, with their links."""
    before = f"{number}-" if number else ""
    xml = _text(file.source, f"x{before}", file.text)
    written: list[Text] = []
    places: dict[str, list[Mapping[str, tuple[Text, int]]]] = {}
    kinds: Counter[str] = Counter()
    # What several projects have in common is there once.
    known: dict[str, Mapping[str, tuple[Text, int]]] = {}
    for project in file.projects:
        names = project.outputs or tuple(project.files)
        for name, (file_name, content) in zip(names, project.files.items()):
            if name not in known:
                kind = _KINDS.get(file_name.rpartition(".")[2], "cfg")
                further = f"{kinds[kind]}." if kinds[kind] else ""
                kinds[kind] += 1
                text = _text(name, f"{kind[0]}{before}{further}", content)
                written.append(text)
                targets = _targets(kind, file_name, text.lines)
                known[name] = {target: (text, line) for target, line in targets}
            places.setdefault(project.name, []).insert(0, known[name])
    both = SideBySide(xml, written, places)
    _connect(file.settings, both)
    return both


def _text(name: str, prefix: str, content: str) -> Text:
    content = content.replace("\r\n", "\n").rstrip("\n")
    lines = content.split("\n", _LINES)
    if len(lines) > _LINES:
        lines[-1] = f"… and {content.count(chr(10)) + 1 - _LINES:,} more lines"
    return Text(name, prefix, lines, {})


def _targets(kind: str, name: str, lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each place of a file as the report names it, and the number of its line."""
    if kind == "script":
        yield from ((f"script:{name}:{number}", number) for number in range(1, len(lines) + 1))
        return
    section = ""
    for number, line in enumerate(lines, 1):
        first = line[:1]
        if first == "[":
            section = f"{kind}:{line.strip('[] ')}."
        elif first and first not in "#;":
            key, equals, _ = line.partition("=")
            if equals:
                yield section + key.rstrip(), number


def _connect(settings: Iterable[Setting], both: SideBySide) -> None:
    """Link the lines of settings with those of their targets, both ways."""
    xml = both.xml
    last = len(xml.lines)
    for setting in settings:
        number = setting.line
        if number > last:
            continue
        for target in setting.targets:
            place = both.place_in(setting.project, target)
            if place is not None:
                text, there = place
                _link(xml.links.setdefault(number, {}), text.prefix, there)
                _link(text.links.setdefault(there, {}), xml.prefix, number)


def _link(links: dict[str, int], prefix: str, number: int) -> None:
    if len(links) < _LINKS:
        links[f"{prefix}{number}"] = number
