"""The report's targets: each is a place in the written files, and what it is named for is there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from converter import mapping
from converter.conversion import Conversion, Options, convert_bytes
from converter.errors import ConversionError
from converter.poms.writer import SECTIONS
from tests import corpus, golden
from tests.projects import Converted, stage, xml
from tests.strategies import PLAIN, documents
from tests.targets import lost_lines, lost_places, lost_values, unknown_places

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LAWS = (lost_places, lost_values, lost_lines, unknown_places)
Law = Callable[[Conversion], Iterator[str]]


def converted(data: bytes, experiment: str = "dune") -> Conversion | None:
    try:
        return convert_bytes(data, "x.xml", experiment=experiment)
    except ConversionError:
        return None


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("source", golden.sources(), ids=lambda p: p.stem)
def test_samples(source: Path, law: Law) -> None:
    assert not list(law(convert_bytes(source.read_bytes(), source.name)))


@MANY
@given(documents())
def test_every_target_is_a_place_in_the_files_whatever_the_values(data: bytes) -> None:
    for experiment in ("dune", "uboone"):
        conversion = converted(data, experiment)
        assert conversion is None or not list(lost_places(conversion))


@MANY
@given(documents(PLAIN))
def test_documents(data: bytes) -> None:
    for experiment in ("dune", "uboone"):
        conversion = converted(data, experiment)
        if conversion is not None:
            assert not [fault for law in LAWS for fault in law(conversion)]


@MANY
@given(documents())
def test_with_project_py_as_launcher(data: bytes) -> None:
    try:
        options = Options(launcher="project.py")
        conversion = convert_bytes(data, "x.xml", experiment="dune", options=options)
    except ConversionError:
        return
    assert not list(lost_places(conversion))


@corpus.needs_corpus
@pytest.mark.parametrize("part", range(8))
def test_corpus(part: int) -> None:
    faults = []
    for path, answer in list(corpus.loadable())[part::8]:
        conversion = converted(path.read_bytes(), answer["experiment"])
        if conversion is not None:
            faults += [f"{path.name}: {fault}" for law in LAWS for fault in law(conversion)]
    assert not faults, faults[:5]


@pytest.mark.parametrize(
    ("law", "path", "wrong"),
    [
        (lost_places, "project/stage[1]/memory", "cfg:submit.memory"),
        (lost_places, "project/stage[1]/memory", "cfg:stage_t.submit.memori"),
        (lost_values, "project/stage[1]/memory", "cfg:stage_t.submit.memory"),
        (lost_values, "project/stage[1]/memory", "cfg:submit.N"),
        (lost_lines, "project/filetype", "cfg:job_setup.prescript_5"),
        (unknown_places, "project/stage[1]/memory", "cfg:executable.name"),
    ],
)
def test_the_laws_find_faults(law: Law, path: str, wrong: str) -> None:
    data = xml("<memory>11</memory>", TYPES, stage("t", "<memory>12</memory>"))
    right = Converted(data).conversion
    assert not list(law(right))
    changed = tuple(
        replace(s, targets=(wrong,)) if s.path == path else s for s in right.report.settings
    )
    faults = list(law(replace(right, report=replace(right.report, settings=changed))))
    assert [fault for fault in faults if path in fault]


# -- by example -------------------------------------------------------------------------------


def targets(converted: Converted, path: str) -> tuple[str, ...]:
    return next(s.targets for s in converted.conversion.report.settings if s.path == path)


def lines(converted: Converted, path: str) -> list[str | None]:
    """What stands at the targets of a setting that are lines of scripts, for stage `s`."""
    keys = [t.rpartition(".")[2] for t in targets(converted, path) if "script_" in t]
    return [converted["job_setup", key] for key in keys]


TYPES = "<filetype>mc</filetype><runtype>physics</runtype>"
LIST = "<inputlist>/pnfs/a/l.txt</inputlist>"
CHAIN = (
    "<fcl>a.fcl<output>x.root</output></fcl><fcl>b.fcl<exe>art</exe></fcl>"
    "<outdir>/pnfs/o</outdir><workdir>/w</workdir>"
)


@pytest.mark.parametrize(
    ("stage_xml", "project_xml", "path", "expected"),
    [
        ("", TYPES, "project/filetype", ['services.FileCatalogMetadata.fileType: "mc"']),
        ("", TYPES, "project/runtype", ['services.FileCatalogMetadata.runType: "physics"']),
        (CHAIN, TYPES, "project/stage/fcl[2]", ["wrapper b.fcl > wrapper1.fcl"]),
        ("<runnumber>7</runnumber>", "", "project/stage/runnumber", ["source.firstRun: 7"]),
        (
            f"{LIST}<maxfilesperjob>3</maxfilesperjob>",
            "",
            "project/stage/maxfilesperjob",
            ["if [ $numfiles -gt $((3 * 1)) ]; then numfiles=$((3 * 1)); fi"],
        ),
        (
            "<inputfile>/pnfs/a/f.root</inputfile>",
            "",
            "project/stage/inputfile",
            ["mkdir in; ifdh cp /pnfs/a/f.root in/f.root && ls in/f.root > input.list"],
        ),
        ("<initsource>i.sh</initsource>", "", "project/stage/initsource", [". i.sh"]),
        ("<endscript>/a/e.sh x</endscript>", "", "project/stage/endscript", ["./e.sh x"]),
        (
            "<initscript>i.sh</initscript><args>--a 'b c'</args>",
            "",
            "project/stage/args",
            ["lar \"$@\" --a 'b c'"],
        ),
        (
            CHAIN,
            "",
            "project/stage/fcl[2]/exe",
            ["art -c b.fcl --rethrow-default -n 100 -s x0.root || exit"],
        ),
        (
            "<logdir>/exp/l</logdir>",
            "",
            "project/stage/logdir",
            ["ifdh mkdir_p /exp/l/${CLUSTER}_${JOBSUBJOBSECTION:-$PROCESS}"],
        ),
    ],
)
def test_a_setting_in_a_script_names_its_line(
    stage_xml: str, project_xml: str, path: str, expected: list[str]
) -> None:
    assert lines(Converted(xml(stage_xml, project_xml)), path) == expected


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ("<numjobs>9</numjobs>", "numjobs", ("cfg:stage_s.global.numjobs", "cfg:submit.N")),
        ("<TFileName>h.root</TFileName>", "TFileName", ("cfg:stage_s.executable.arg_21",)),
        ("<args>-x</args>", "args", ("cfg:stage_s.executable.arg_21",)),
        ("<nthreads>4</nthreads>", "nthreads", ("cfg:stage_s.executable.arg_21",)),
        ("<inputlist>/pnfs/a/l</inputlist>", "inputlist", ("cfg:stage_s.submit.f_11",)),
        (
            "<jobsub>-f /pnfs/a/x -f /pnfs/a/y</jobsub>",
            "jobsub",
            ("cfg:stage_s.submit.f_11", "cfg:stage_s.submit.f_12"),
        ),
        (
            "<fcl>sub/a.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>",
            "fcl",
            (
                "cfg:stage_s.global.fclfile",
                "cfg:stage_s.job_setup.prescript_12",
                "cfg:stage_s.job_setup.prescript_14",
                "cfg:stage_s.global.fclpath",
            ),
        ),
    ],
)
def test_a_stages_value_names_its_macro_and_what_is_submitted(
    body: str, path: str, expected: tuple[str, ...]
) -> None:
    one = Converted(xml(body, "", stage("t"), stage("u")))
    assert targets(one, f"project/stage[1]/{path}") == expected


def test_the_macro_of_a_value_comes_before_what_uses_it() -> None:
    one = Converted(xml())
    assert targets(one, "project/larsoft/tag")[:2] == (
        "cfg:global.release",
        "cfg:job_setup.setup_1",
    )
    assert targets(one, "project/stage/outdir") == ("cfg:global.outdir", "cfg:job_output.dest")


# -- in the source ----------------------------------------------------------------------------


def typed_keys(source: str) -> list[int]:
    """Lines where a section and a key are written down as a place, not asked about."""
    tree = ast.parse(source)
    asked = {
        id(node)
        for one in ast.walk(tree)
        for node in (
            [one.left]
            if isinstance(one, ast.Compare)
            else [one.slice]
            if isinstance(one, ast.Subscript)
            else []
        )
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and id(node) not in asked
        if _section(node.elts[0])
    ]


def _section(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return False
    return node.value in SECTIONS or node.value.startswith("ini:")


WRITERS = {"context.py"}
"""What says where macros stand."""


@pytest.mark.parametrize(
    "path", sorted(Path(mapping.__path__[0]).glob("*.py")), ids=lambda path: path.name
)
def test_no_place_is_typed_that_something_else_wrote(path: Path) -> None:
    if path.name not in WRITERS:
        assert not typed_keys(path.read_text())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('ctx.mapped(x, ("submit", "N"))', True),
        ('where = "job_setup", "prescript_1"', True),
        ('key = f"ini:dependencies {name}", "file_pattern_1"', True),
        ('("global", "numevents") in values', False),
        ('values["global", "sam_dataset"]', False),
        ('ctx.mapped(x, ctx.set("submit", "N", y))', False),
    ],
)
def test_typed_places_are_found(source: str, found: bool) -> None:
    assert bool(typed_keys(source)) is found
