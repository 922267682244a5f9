"""The tables are total: every tag has a row and a rule, every code a message and its slots."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import converter
from converter.findings.catalogue import CATALOGUE, FAMILIES
from converter.findings.fates import Fate
from converter.findings.message import LEVELS, TASKS, in_general
from converter.findings.settings import ANY, KINDS, PICKS, TABLE, TAGS, Tag, usual_fate
from converter.findings.settings.meanings import MEANINGS
from converter.findings.settings.row import read_float, read_int
from tests import corpus
from tests.projects import GEN, Converted, xml
from tests.projects import stage as another

SOURCE = Path(converter.__file__).parent
ROWS = SOURCE / "findings" / "catalogue"


# -- settings ---------------------------------------------------------------------------------


def test_rows_are_whole() -> None:
    assert TAGS - {"project"} == {name for name in TABLE if "@" not in name}
    for name, row in TABLE.items():
        assert row.tag == name
        assert row.fates
        assert row.becomes
        assert row.untouched is None or row.untouched in row.fates
        assert bool(row.example) == bool(row.result)
        assert len({tag.level for tag in row.places}) == len(row.places)
        for tag in row.places:
            assert (tag.name, tag.pick in PICKS, tag.read in KINDS) == (name, True, True)
            assert tag.level in ("project", "larsoft", "stage", "fcl")


def test_every_row_says_what_the_setting_means() -> None:
    assert list(MEANINGS) == list(TABLE)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_a_row_names_messages_that_there_are() -> None:
    for row in TABLE.values():
        assert row.codes <= set(CATALOGUE), row.tag
        assert not row.codes & {*ANY, "X2P119"}, row.tag


@pytest.mark.parametrize(
    ("path", "fate"),
    [
        ("project/stage[2]/memory", Fate.MAPPED),
        ("project/stage[2]/fcl[3]/processname[1]", Fate.DERIVED),
        ("project/@name", Fate.MAPPED),
        ("job/project[2]/stage[1]/@base", Fate.DERIVED),
        ("project/stage[2]/parameter[3]/@name", Fate.DERIVED),
        ("project/stage[2]/memory[1]/@name", Fate.INERT),
        ("project/stage[2]/sparkle", Fate.INERT),
    ],
)
def test_the_usual_fate_is_that_of_a_tag_or_of_an_attribute_of_that_element(
    path: str, fate: Fate
) -> None:
    assert usual_fate(path) is fate


def test_a_projects_setting_that_each_stage_has_may_be_overridden() -> None:
    for row in TABLE.values():
        picks = {tag.level: tag.pick for tag in row.places}
        if picks.get("project") == "last child" and "stage" in picks:
            assert Fate.OVERRIDDEN in row.fates, row.tag


_VALUES = {
    "fcl": "other.fcl",
    "previousstage": "s",
    "inputmode": "textfile",
    "outdir": "/pnfs/dune/other",
    "workdir": "/pnfs/dune/other",
}
_INSIDE = {
    "inputmode": "<inputlist>/pnfs/dune/l.list</inputlist>",
    "recurdef": "<inputdef>d</inputdef>",
    "finscript": "<check>1</check>",
}
"""What a tag needs beside it."""

_PLACES = [
    tag for row in TABLE.values() for tag in row.places if tag.name not in ("larsoft", "stage")
]


def _document(tag: Tag) -> bytes:
    """A project in which the tag is the one that counts."""
    value = "3" if tag.read in (read_int, read_float) else _VALUES.get(tag.name, "word")
    name = ' name="n"' if tag.name == "parameter" else ""
    element = f"<{tag.name}{name}>{value}</{tag.name}>"
    if tag.level == "project":
        return xml("", element)
    if tag.level == "larsoft":
        return xml().replace(b"<larsoft>", f"<larsoft>{element}".encode())
    if tag.level == "fcl":
        return xml("", "", f'<stage name="x">{GEN.replace("</fcl>", element + "</fcl>")}</stage>')
    inside = element + _INSIDE.get(tag.name, "")
    if f"<{tag.name}>" in GEN:
        return xml(
            "",
            "",
            f'<stage name="x">{re.sub(f"<{tag.name}>.*?</{tag.name}>", inside, GEN)}</stage>',
        )
    return xml("", "", another("x", inside))


@pytest.mark.parametrize("tag", _PLACES, ids=lambda tag: f"{tag.level}-{tag.name}")
def test_every_tag_has_a_rule_at_every_level(tag: Tag) -> None:
    """That its fate and its messages are those of its row, the ledger itself says."""
    for experiment in ("dune", "uboone"):
        settings = Converted(_document(tag), experiment).conversion.report.settings
        found = [s for s in settings if re.search(rf"/{tag.name}(\[\d+\])?$", s.path)]
        assert any(s.fate is not Fate.INERT for s in found), tag.name


# -- messages ---------------------------------------------------------------------------------


def test_every_code_in_use_has_a_message_and_the_other_way_round() -> None:
    texts = [path.read_text() for path in SOURCE.rglob("*.py") if path.parent != ROWS]
    used = {code for text in texts for code in re.findall(r"X2P\d{3}", text)}
    assert used | set(ANY) == set(CATALOGUE) | {"X2P001"}
    assert {path.stem for path in ROWS.glob("*.py")} - {"__init__", "announced"}


def test_codes_belong_to_a_family_and_levels_are_known() -> None:
    for code, message in CATALOGUE.items():
        assert code == message.code
        assert code[3] in FAMILIES
        assert message.level in LEVELS


def test_what_is_to_be_done_is_said_as_data_too() -> None:
    for code, message in CATALOGUE.items():
        assert (message.level == "do") == (message.task is not None), code
        if message.task is not None:
            assert message.task.kind in TASKS
            assert message.advice, code


def test_titles_have_no_braces() -> None:
    for message in CATALOGUE.values():
        assert "{" not in message.title + in_general(message.advice), message.code


def test_errors_have_no_slots() -> None:
    for message in CATALOGUE.values():
        assert message.level != "error" or not message.slots, message.code


# -- call sites -------------------------------------------------------------------------------


_SLOTS_AT = {"finding": 2, "Record": -1}
"""Functions that are given the slots in one argument."""


class _Call:
    """A place where something is found: the codes that it may be, and the slots."""

    def __init__(self, path: Path, call: ast.Call, function: ast.AST) -> None:
        self.where = f"{path.relative_to(SOURCE)}:{call.lineno}"
        self.codes = {c for arg in call.args for c in _codes(arg, function)}
        self.slots = {k.arg for k in call.keywords} - {"keys"}
        self.silent = any(isinstance(a, ast.Constant) and a.value == "" for a in call.args)
        if isinstance(call.func, ast.Name) and call.func.id in _SLOTS_AT:
            self.slots = _keys(call.args[_SLOTS_AT[call.func.id]], function)

    @property
    def passes_on(self) -> bool:
        """A helper that takes code and slots from its own caller."""
        return not self.codes and None in self.slots

    @property
    def is_fate_alone(self) -> bool:
        """Nothing is said: the code is ''."""
        return self.silent and not self.slots


def _codes(node: ast.AST, function: ast.AST) -> Iterator[str]:
    """The codes that an argument may be: a literal, a choice, or a name given to one."""
    if isinstance(node, ast.Constant) and re.fullmatch(r"X2P\d{3}", str(node.value)):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _codes(node.body, function)
        yield from _codes(node.orelse, function)
    elif isinstance(node, ast.Name):
        for value in _given(node.id, function):
            yield from _codes(value, function)


def _keys(node: ast.AST, function: ast.AST) -> set[str | None]:
    if isinstance(node, ast.Name):
        (node,) = _given(node.id, function) or (node,)
    if isinstance(node, ast.Dict):
        return {k.value for k in node.keys if isinstance(k, ast.Constant)}
    return {None}


def _given(name: str, function: ast.AST) -> list[ast.expr]:
    """What a name is set to in a function."""
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]


def _calls(text: str, path: Path) -> Iterator[_Call]:
    module = ast.parse(text)
    helpers = {
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and node.args.kwarg is not None
        and "code" in [arg.arg for arg in node.args.args]
    }
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                    name = node.func.id if isinstance(node.func, ast.Name) else name
                    if name in {"finding", "about", "Record", *helpers}:
                        yield _Call(path, node, function)


def _wrong(text: str, path: Path) -> list[str]:
    """Calls that do not give a message just its slots."""
    return [
        f"{call.where} {code}: {sorted(map(str, call.slots))}"
        for call in _calls(text, path)
        if not (call.passes_on or call.is_fate_alone)
        for code in call.codes or {"?"}
        if code == "?" or call.slots != CATALOGUE[code].slots
    ]


def test_every_call_gives_a_message_its_slots() -> None:
    found = [w for path in SOURCE.rglob("*.py") for w in _wrong(path.read_text(), path)]
    assert found == []


@pytest.mark.parametrize(
    "call",
    [
        'ctx.finding(F.X, "X2P226", v)',
        'ctx.finding(F.X, "X2P226", v, script="5", size="5")',
        'ctx.finding(F.X, "X2P201" if a else "X2P226", v, script="5")',
        'finding("X2P118", F.X, {})',
        "ctx.finding(F.X, code(), v)",
    ],
)
def test_a_wrong_call_is_found(call: str) -> None:
    assert len(_wrong(f"def f(ctx):\n    {call}", SOURCE / "x.py")) == 1


def test_all_messages_that_are_no_errors_come_from_such_a_call() -> None:
    said = {c for p in SOURCE.rglob("*.py") for one in _calls(p.read_text(), p) for c in one.codes}
    assert said == {code for code, message in CATALOGUE.items() if message.level != "error"} | (
        said & {"X2P103"}
    )


def test_nobody_takes_a_message_apart() -> None:
    """Messages are for people: a program goes by codes, slots and tasks."""
    apart = re.compile(
        r"\.(message|advice|title)\.(split|r?partition|find|index|startswith|endswith)"
    )
    for path in SOURCE.rglob("*.py"):
        assert not apart.search(path.read_text()), path


def test_formats_of_slots_are_plain() -> None:
    for message in CATALOGUE.values():
        for text in (message.text, message.advice):
            formats = {spec for _, name, spec, _ in string.Formatter().parse(text) if name}
            assert formats <= {""}, message.code


@pytest.mark.skipif(not corpus.SHARED.is_dir(), reason="no reference beside the project")
def test_the_tags_are_those_of_the_reference() -> None:
    text = (corpus.SHARED / "reference" / "project-xml.md").read_text()
    listed = set()
    for section in ("## 3.", "## 4."):
        part = text[text.index(section) :]
        part = part[: part.index("\n## ", 5)]
        for line in part.splitlines():
            if line.startswith("| `"):
                cell = line.split("|")[1]
                listed |= {
                    name.split("[")[0].lstrip("@")
                    for chunk in re.findall(r"`([^`]+)`", cell)
                    for name in chunk.split("/")
                    if name and not name.startswith("@")
                }
            elif line.startswith("Inside `<fcl>`"):
                listed |= set(re.findall(r"`(\w+)`", line.split(";")[0]))
    assert listed - {"name", "base"} == TAGS - {"project"}
