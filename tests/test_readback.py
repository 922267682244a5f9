"""What is written reads back as it was meant: with ConfigParser, as fife_launch and POMS read."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter import profiles
from converter.errors import XmlError
from converter.mapping.campaign import map_project
from converter.model import Project
from converter.poms.config import CampaignConfig, StageConfig
from converter.poms.factor import Layout, factor
from converter.poms.plain import sections
from converter.poms.readback import WriterError
from converter.poms.reader import resolve
from converter.poms.writer import written
from converter.projectpy.reader import read
from converter.text import Text
from tests import corpus
from tests.strategies import documents

LAW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(projects: tuple[Project, ...], experiment: str) -> None:
    for index in range(len(projects)):
        mapped = map_project(projects, index, profiles.profile(experiment), "x.xml")
        if mapped.ini is None:
            continue
        layout = factor(mapped.config)
        text = written(layout)
        for config in mapped.config.stages:
            found = resolve(text, config.name)
            meant = {key: str(value).strip() for key, value in config}
            assert {(s, k): found[s].get(k) for s, k in meant} == meant


@LAW
@given(documents())
def test_any_campaign(data: bytes) -> None:
    try:
        projects = read(data).projects
    except XmlError:
        return
    check(projects, "dune")


@corpus.needs_corpus
def test_every_real_file() -> None:
    for path, answer in corpus.loadable():
        check(read(path).projects, answer["experiment"])


SOME = "[a]|[b]|[DEFAULT]|[a|[]|[a]b]|# c|; c|| x = 1|x = 1|x=|= 1|y:z = 2|y: 2|Y = %(x)s|y|z == 3"
LINES = st.lists(
    st.sampled_from([*SOME.split("|"), "é = \xa0"])
    | st.text(st.characters(codec="utf-8"), max_size=12),
    max_size=12,
).map("\n".join)


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_a_plain_text_is_what_configparser_finds_in_it(text: str) -> None:
    found = sections(text)
    config = configparser.ConfigParser(interpolation=None)
    config.optionxform = str  # type: ignore[assignment,method-assign]
    if found is not None:
        config.read_string(text)
        assert found == {name: dict(config.items(name)) for name in config.sections()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("# c\n[a]\nx  = 1 = 2 # d\n\n[b]\n", {"a": {"x": "1 = 2 # d"}, "b": {}}),
        ("[a]\nx =\n", {"a": {"x": ""}}),
        ("[a]\nx = 1\n  2\n", None),
        ("[a]\nx: 1\n", None),
        ("[a]\nx\n", None),
        ("[a]\n; x = 1\n", None),
        ("[a]\nx = 1\nx = 2\n", None),
        ("[a]\n[a]\n", None),
        ("[DEFAULT]\n", None),
        ("x = 1\n", None),
    ],
)
def test_plain_texts(text: str, found: dict[str, dict[str, str]] | None) -> None:
    assert sections(text) == found


def _layout(**values: Text) -> Layout:
    config = StageConfig("s", ())
    config.set("global", "stage", "s")
    for key, value in values.items():
        config.set(*key.split("__"), value)
    macros = {"experiment": Text("dune"), "group": Text("dune"), "wrapper": Text("w")}
    return factor(CampaignConfig(macros, (), [config]))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"submit__memory": Text("1\n2")}, "not as plain"),
        ({"submit__memory": Text("1\n[submit]")}, "not as plain"),
        ({"submit__memory": Text("1\nx = 2")}, "a shell would read more than words"),
        ({"global__memory": Text("1\nx = 2")}, "reads back as '1'"),
        ({"submit__memory": Text.named("nobody", "1")}, "nobody"),
        ({"submit__memory": Text.named("group", "1")}, "reads back as 'dune'"),
        ({"submit__group": Text("1")}, "submit.group"),
        ({"submit__memory": Text("")}, ""),
        ({"executable__arg_2": Text("1")}, "out of order"),
        ({"job_setup__prescript_2": Text("1"), "job_setup__prescript_1": Text("2")}, ""),
    ],
)
def test_what_would_read_back_otherwise_is_a_defect(values: dict[str, Text], said: str) -> None:
    layout = _layout(**values)
    if said:
        with pytest.raises(WriterError, match=said):
            written(layout)
    else:
        written(layout)
