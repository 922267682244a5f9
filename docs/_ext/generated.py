"""What pages take from the program's tables: `<!-- NAME -->` on a line of its own is replaced.

The page stands as Markdown whatever reads it; what is filled in is made when the documentation is
built, and never written down.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from examples import example
from sphinx.application import Sphinx

import converter
from converter import profiles
from converter.cli.commands import EXIT_CODES
from converter.cli.explain import how_read
from converter.findings.catalogue import CATALOGUE, FAMILIES
from converter.findings.explanation import Example, explanations, waiver
from converter.findings.fates import Fate
from converter.findings.message import NEEDS, TASKS, Message
from converter.findings.settings import LEGACY, TABLE, Row
from converter.findings.settings.meanings import MEANINGS
from converter.profiles.user import FREE, KEYS, write_profile
from converter.report.model import SENTENCES, VERDICTS

_REFERENCE = Path(__file__).parents[1] / "reference"


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}


def _fill(app: Sphinx, page: str, source: list[str]) -> None:
    def filled(match: re.Match[str]) -> str:
        maker = MAKERS[match[1]]
        return "\n".join(maker(match[2]) if match[2] else maker())

    source[0] = re.sub(r"^<!-- ([a-z_]+)(?: (\S+))? -->$", filled, source[0], flags=re.MULTILINE)


# -- tags -------------------------------------------------------------------------------------


def tags() -> Iterator[str]:
    for row in TABLE.values():
        yield from _tag(row)


def _tag(row: Row) -> Iterator[str]:
    element, _, attribute = row.tag.partition("/@")
    yield f"(tag-{_anchor(row.tag)})="
    yield f"## `<{element} {attribute}=…>`" if attribute else f"## `<{row.tag}>`"
    yield ""
    yield plain(MEANINGS[row.tag])
    yield ""
    yield from (f"- in `<{tag.level}>`: {plain(how_read(tag))}" for tag in row.places)
    yield f"- becomes: {_with_code(row.becomes)}"
    fates = (f"[`{fate.value}`](#fate-{fate.value})" for fate in row.fates)
    yield f"- fates, the usual one first: {', '.join(fates)}"
    yield ""
    yield from (f"- {_link(code)}: {plain(CATALOGUE[code].title)}" for code in sorted(row.codes))
    yield ""
    yield from example(row.tag)


def legacy() -> Iterator[str]:
    yield from _table(("tag", "what it stood for"), ((f"`<{t}>`", m) for t, m in LEGACY.items()))


def fates() -> Iterator[str]:
    for fate in Fate:
        yield f"(fate-{fate.value})="
        yield f"## `{fate.value}`"
        yield ""
        yield f"{plain(fate.meaning).capitalize()}."
        yield ""
        usual = [_tag_link(row.tag) for row in TABLE.values() if row.fates[0] is fate]
        rare = [_tag_link(row.tag) for row in TABLE.values() if fate in row.fates[1:]]
        yield f"The usual fate of {', '.join(usual) or 'no setting'}."
        yield f"Sometimes of {', '.join(rare) or 'no setting'}."
        yield ""


# -- codes ------------------------------------------------------------------------------------


def codes() -> Iterator[str]:
    """All codes of all families, one line each."""
    for digit, family in FAMILIES.items():
        yield f"## X2P{digit}xx: {family}"
        yield ""
        rows = (
            (_link(m.code), m.need or "-", plain(m.title))
            for m in CATALOGUE.values()
            if m.code[3] == digit
        )
        yield from _table(("code", "asks to", "says"), rows)


def family(digit: str) -> Iterator[str]:
    for message in CATALOGUE.values():
        if message.code[3] == digit:
            yield from _code(message)


def _code(message: Message) -> Iterator[str]:
    told = explanations()[message.code]
    yield f"({message.code.lower()})="
    yield f"## {message.code}"
    yield ""
    yield f"> {plain(message.title)}"
    yield ""
    if message.need:
        yield f"Needs: **{message.need}** ({NEEDS[message.need]})."
        yield ""
    for heading, text in (
        ("", told.meaning),
        ("**Why.** ", told.why),
        ("**If nothing is done.** ", told.otherwise),
        ("**When to accept it.** ", told.accept),
        ("**What to do.** ", told.do),
    ):
        if text:
            yield heading + text
            yield ""
    yield from _example("Before", told.before)
    yield from _example("After", told.after)
    if waiver(message):
        yield "To accept it:"
        yield from ("", "```text", waiver(message), "```", "")


def _example(heading: str, told: Example) -> Iterator[str]:
    yield from (f"{heading}:", "", f"```{told.language}", told.text, "```", "")


def needs() -> Iterator[str]:
    yield from _table(("asks to", "meaning"), ((n or "-", plain(m)) for n, m in NEEDS.items()))


def verdicts() -> Iterator[str]:
    yield from _table(("verdict", "meaning"), ((f"`{v}`", SENTENCES[v]) for v in VERDICTS))


def tasks() -> Iterator[str]:
    yield from _table(("task", "meaning"), ((f"`{t}`", plain(m)) for t, m in TASKS.items()))


# -- the command line, profiles, Python -------------------------------------------------------


def exit_codes() -> Iterator[str]:
    yield from _table(("code", "meaning"), ((f"`{c}`", plain(m)) for c, m in EXIT_CODES.items()))


def profile_keys() -> Iterator[str]:
    usual = profiles.profile("dune")
    yield from _table(
        ("section", "key", "meaning", "of dune"),
        (
            (
                f"`[{key.section}]`" if key.section else "-",
                f"`{key.name}`",
                plain(key.about),
                f"`{value}`" if (value := str(getattr(usual, key.field))) else "",
            )
            for key in KEYS
        ),
    )
    yield ""
    yield from _table(
        ("section of your own keys", "for example", "meaning"),
        ((f"`[{s}]`", f"`{example}`", plain(about)) for s, (_, example, about) in FREE.items()),
    )


def profile(experiment: str) -> Iterator[str]:
    yield from ("```cfg", write_profile(profiles.profile(experiment)).rstrip(), "```")


def python() -> Iterator[str]:
    """The public names, as they are documented in the source."""
    for name in converter.__all__:
        thing = getattr(converter, name)
        # Of a class its text tells the fields.
        signature = "" if isinstance(thing, type) else str(inspect.signature(thing))
        yield f"## `{name}`"
        yield from ("", "```python", f"{name}{signature.replace('converter.', '')}", "```", "")
        yield from ("```text", inspect.getdoc(thing) or "", "```", "")


# -- schemas ----------------------------------------------------------------------------------


def schema(name: str) -> Iterator[str]:
    """The fields of a schema, a table for each kind of object."""
    document = json.loads((_REFERENCE / name).read_text(encoding="utf-8"))
    yield from _fields("The document", document)
    for part, definition in document["$defs"].items():
        if "properties" in definition:
            yield from _fields(part, definition)


def _fields(heading: str, definition: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield plain(definition["description"])
    yield ""
    required = set(definition.get("required", ()))
    yield from _table(
        ("field", "type", "meaning"),
        (
            (f"`{name}`{'' if name in required else ' *'}", _type(one), plain(_about(one)))
            for name, one in definition["properties"].items()
        ),
    )


def _about(field: Mapping[str, Any]) -> str:
    return str(field.get("description", ""))


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "enum" in field:
        return ", ".join(f"`{json.dumps(one)}`" for one in field["enum"])
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "anyOf" in field:
        return " or ".join(map(_type, field["anyOf"]))
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    names = []
    for kind in kinds:
        inner = field.get("items") if kind == "array" else field.get("additionalProperties")
        names.append(f"{kind} of {_type(inner)}" if inner else kind)
    return " or ".join(names)


# -- Markdown ---------------------------------------------------------------------------------


def plain(text: str) -> str:
    """A text such that Markdown shows it as it is."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def _with_code(text: str) -> str:
    """The same for a text in which names already stand between backticks."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece[:1] == "`" else _escaped(piece) for piece in pieces)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace(chr(10), ' ') for cell in row)} |"
    yield ""


def _anchor(tag: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-")


def _tag_link(tag: str) -> str:
    return f"[`{tag}`](#tag-{_anchor(tag)})"


def _link(code: str) -> str:
    return f"[{code}](#{code.lower()})"


MAKERS: Mapping[str, Callable[..., Iterator[str]]] = {
    maker.__name__: maker
    for maker in (
        *(tags, legacy, fates, codes, family, needs, verdicts, tasks),
        *(exit_codes, profile_keys, profile, python, schema),
    )
}
"""By the name that stands on a page."""
