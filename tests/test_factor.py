"""Factoring decides where a setting stands, and never what a stage gets."""

from __future__ import annotations

import contextlib
from copy import deepcopy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from converter.poms.config import CampaignConfig, StageConfig, stem
from converter.poms.factor import factor
from converter.poms.reader import resolve
from converter.poms.writer import write_cfg
from converter.text import Text
from tests.editing import with_line
from tests.strategies import campaigns

MACROS = {"experiment": Text("dune"), "group": Text("dune"), "wrapper": Text("w")}


def campaign(*stages: StageConfig) -> CampaignConfig:
    return CampaignConfig(MACROS, (), list(stages), [], "x.xml")


def stage(name: str, *traits: str, **values: str) -> StageConfig:
    config = StageConfig(name, traits)
    config.set("global", "stage", name)
    for key, value in values.items():
        config.set("submit", key, value)
    return config


@pytest.mark.parametrize(
    ("key", "expected"),
    [("arg_1", ("arg", 1)), ("a_b_12", ("a_b", 12)), ("arg", ("arg", 0)), ("a_123", ("a_123", 0))],
)
def test_keys_have_a_stem_and_a_number(key: str, expected: tuple[str, int]) -> None:
    assert stem(key) == expected


def lines(config: StageConfig, section: str, stem: str) -> list[str]:
    """What a stage's entries say, in order."""
    entries = config.series.get((section, stem), ())
    return [str(text).strip() for entry in entries for text, _ in entry.lines]


def series(found: dict[str, dict[str, str]], section: str, kind: str) -> list[str]:
    """The values of KIND_1, KIND_2, … in the order of the file."""
    return [value for key, value in found.get(section, {}).items() if stem(key)[0] == kind]


@given(campaigns())
def test_every_stage_gets_what_it_was_to_get(config: CampaignConfig) -> None:
    text = write_cfg(factor(config))
    for one in config.stages:
        found = resolve(text, one.name)
        for (section, key), value in one.values.items():
            assert found[section][key] == str(value).strip()
        for section, kind in (("executable", "arg"), ("submit", "f")):
            assert sorted(series(found, section, kind)) == sorted(lines(one, section, kind))
        # Lines of a shell come in their order.
        for kind in ("prescript", "postscript"):
            assert series(found, "job_setup", kind) == lines(one, "job_setup", kind)


SCRIPTS = ("prescript", "postscript")


@given(campaigns())
def test_no_stage_has_a_line_in_the_place_of_a_shared_one(config: CampaignConfig) -> None:
    layout = factor(config)
    shared = {("job_setup", key) for key in layout.base.get("job_setup", {})}
    for place in (*layout.parents, *layout.stages):
        assert not {k for k in place.values if stem(k[1])[0] in SCRIPTS} & shared
    for one in layout.stages:
        above = [key for parent in layout.chain(one)[1:] for key in parent.values]
        assert not {k for k in one.values if stem(k[1])[0] in SCRIPTS} & set(above)


@given(campaigns(), st.data())
def test_a_line_added_to_what_is_shared_reaches_every_stage_once(
    config: CampaignConfig, data: st.DataObject
) -> None:
    layout = factor(config)
    text = write_cfg(layout, comments=False)
    assume("job_setup" in layout.base)
    setup = layout.base.get("job_setup", {})
    shared = [key for key in setup if stem(key)[0] == "prescript"]
    seam = data.draw(st.integers(0, len(shared)), label="seam")
    edited = with_line(text, "job_setup", "prescript", seam, "echo ADDED")
    for one in config.stages:
        before, after = resolve(text, one.name), resolve(edited, one.name)
        expected = series(before, "job_setup", "prescript")
        expected.insert(seam, "echo ADDED")
        assert series(after, "job_setup", "prescript") == expected
        for found in (before, after):
            for key in [k for k in found.get("job_setup", {}) if stem(k)[0] == "prescript"]:
                del found["job_setup"][key]
        assert {k: v for k, v in before.items() if v} == {k: v for k, v in after.items() if v}


@pytest.mark.parametrize(
    ("shared", "own"), [(0, 11), (1, 21), (9, 21), (10, 21), (11, 31), (80, 91)]
)
def test_where_a_stage_begins(shared: int, own: int) -> None:
    one, other = stage("a"), stage("b")
    for config in (one, other):
        for number in range(shared):
            config.add("job_setup", "prescript", f"echo {number}")
        config.add("job_setup", "prescript", f"echo {config.name}")
    keys = [name for _, name in factor(campaign(one, other)).stages[0].values]
    assert f"prescript_{own}" in keys


@given(campaigns())
def test_the_campaign_is_left_as_it_is(config: CampaignConfig) -> None:
    before = deepcopy(config)
    factor(config)
    assert config == before


@given(campaigns())
def test_the_same_campaign_gives_the_same_bytes(config: CampaignConfig) -> None:
    assert write_cfg(factor(config)) == write_cfg(factor(config))


def test_a_shared_value_stands_once_and_exceptions_in_their_stage() -> None:
    layout = factor(
        campaign(stage("a", memory="2"), stage("b", memory="2"), stage("c", memory="4"))
    )
    assert str(layout.base["submit"]["memory"]) == "2"
    assert [("submit", "memory") in s.values for s in layout.stages] == [False, False, True]


def test_a_value_that_no_two_stages_share_stands_in_the_stages_alone() -> None:
    layout = factor(campaign(stage("a", memory="1"), stage("b", memory="2")))
    assert "memory" not in layout.base["submit"]


def test_a_key_that_not_all_stages_have_never_reaches_the_others() -> None:
    layout = factor(campaign(stage("a", cpu="2"), stage("b", cpu="2"), stage("c")))
    assert "cpu" not in layout.base["submit"]
    assert "cpu" not in resolve(write_cfg(layout), "c")["submit"]


def test_stages_with_a_trait_share_a_parent() -> None:
    layout = factor(
        campaign(stage("gen"), stage("g4", "from_sam", cpu="2"), stage("reco", "from_sam", cpu="2"))
    )
    assert [(p.name, list(p.values)) for p in layout.parents] == [("from_sam", [("submit", "cpu")])]
    assert [s.parents for s in layout.stages] == [(), ("from_sam",), ("from_sam",)]


def test_a_parent_never_has_the_name_of_a_stage() -> None:
    layout = factor(
        campaign(
            stage("gen"), stage("from_sam", "from_sam", cpu="2"), stage("g4", "from_sam", cpu="2")
        )
    )
    assert [p.name for p in layout.parents] == ["from_sam_"]


def test_values_that_differ_only_by_a_macro_of_the_stage_stand_once() -> None:
    one, other = stage("a"), stage("b")
    for config in (one, other):
        config.set("submit", "x", "/out/" + Text.named("stage", config.name))
    text = write_cfg(factor(campaign(one, other)))
    assert text.count("/out/%(stage)s") == 1
    assert resolve(text, "b")["submit"]["x"] == "/out/b"


@pytest.mark.parametrize(("count", "fits"), [(99, True), (100, False)])
def test_more_than_99_numbered_keys_are_refused(count: int, fits: bool) -> None:
    config = stage("a")
    for _ in range(count):
        config.add("job_setup", "prescript", "true")
    with contextlib.nullcontext() if fits else pytest.raises(OverflowError):
        factor(campaign(config))
