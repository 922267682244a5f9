"""The campaign.ini: what is written is what the server reads, or it is refused."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.poms.ini import (
    STAGE_KEYS,
    CampaignIni,
    Dependency,
    IniError,
    IniStage,
    JobType,
    LoginSetup,
    pairs,
    percent,
    read_ini,
    write_ini,
)
from tests.strategies import ODD, VALUE, WORD

PLAIN = dict.fromkeys(STAGE_KEYS, "None") | {
    "param_overrides": "[]",
    "test_param_overrides": "[]",
    "completion_pct": "95",
}


def campaign(**values: str) -> CampaignIni:
    stages = (
        IniStage("gen", PLAIN),
        IniStage("g4", {**PLAIN, **values}, (Dependency("gen", "%"),)),
    )
    job_type = JobType("j", "fife_launch", (("-c ", "$UPLOADS/c.cfg"),), "%.root")
    return CampaignIni(
        "c", "dune", "analysis", stages, (job_type,), LoginSetup("l", "h", "a", "setup x")
    )


@st.composite
def campaigns(draw: st.DrawFn) -> CampaignIni:
    text = st.one_of(WORD, ODD, VALUE)
    names = draw(st.lists(text, min_size=1, max_size=4, unique=True))
    override = st.lists(st.tuples(text, text), max_size=3).map(tuple)
    stages = []
    for number, name in enumerate(names):
        values = {key: draw(st.sampled_from(["None", "95"])) for key in STAGE_KEYS}
        values["dataset_or_split_data"] = draw(text)
        for key in ("param_overrides", "test_param_overrides"):
            values[key] = pairs(draw(override))
        waits = (Dependency(names[number - 1], draw(text)),) if number else ()
        stages.append(IniStage(name, values, waits))
    recoveries = draw(st.lists(st.tuples(st.just("consumed_status"), override), max_size=2))
    job_type = JobType(draw(WORD), draw(WORD), draw(override), "%.root", tuple(recoveries))
    login = LoginSetup(draw(WORD), draw(WORD), draw(WORD), draw(text))
    return CampaignIni(draw(text), "dune", "analysis", tuple(stages), (job_type,), login)


@given(campaigns())
def test_what_is_written_reads_back_or_is_refused(campaign: CampaignIni) -> None:
    try:
        text = write_ini(campaign)
    except (IniError, configparser.Error, ValueError, KeyError):
        return
    assert read_ini(text) == campaign
    for line in text.splitlines():
        assert not line.startswith((" ", "\t")), "every value stands on one line"


def test_stages_hold_only_what_differs_from_the_defaults() -> None:
    text = write_ini(campaign(stage_type="generator"))
    assert text.count("stage_type") == 2
    assert text.count("vo_role") == 1


def test_a_dataset_is_never_a_default() -> None:
    text = write_ini(campaign(dataset_or_split_data="d"))
    defaults = text[text.index("[campaign_defaults]") : text.index("[campaign_stage")]
    assert "dataset_or_split_data = None" in defaults


def test_an_empty_value_falls_back_to_the_default_and_so_is_refused() -> None:
    with pytest.raises(IniError):
        write_ini(campaign(software_version=""))


def test_percent_signs_are_doubled_where_the_server_formats() -> None:
    assert percent("100%") == "100%%"
