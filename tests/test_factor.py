"""Factoring decides where a setting stands, and never what a stage gets."""

from __future__ import annotations

from hypothesis import given

from converter.poms.config import CampaignConfig, StageConfig, stem
from converter.poms.factor import factor
from converter.poms.reader import resolve
from converter.poms.writer import written
from converter.text import Text
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


@given(campaigns())
def test_every_stage_gets_what_it_was_to_get(config: CampaignConfig) -> None:
    expected = {s.name: dict(s.values) for s in config.stages}
    arguments = {s.name: [str(words) for _, words in s.args] for s in config.stages}
    text = written(factor(config))
    for name, values in expected.items():
        found = resolve(text, name)
        for (section, key), value in values.items():
            assert found[section][key] == str(value).strip()
        assert sorted(arguments[name]) == sorted(
            value for key, value in found.get("executable", {}).items() if stem(key)[0] == "arg"
        )
        # Lines of a shell come in their order.
        setup = found.get("job_setup", {})
        for family in ("prescript", "postscript"):
            lines = [str(v) for (_, k), v in values.items() if stem(k)[0] == family]
            assert [v for k, v in setup.items() if stem(k)[0] == family] == lines


@given(campaigns())
def test_the_same_campaign_gives_the_same_bytes(config: CampaignConfig) -> None:
    assert written(factor(config)) == written(factor(config))


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
    assert "cpu" not in resolve(written(layout), "c")["submit"]


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
    text = written(factor(campaign(one, other)))
    assert text.count("/out/%(stage)s") == 1
    assert resolve(text, "b")["submit"]["x"] == "/out/b"
