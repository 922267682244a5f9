"""What is written reads back as it was meant, by the one reader of a campaign.cfg."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, given, settings

from converter import profiles
from converter.errors import XmlError
from converter.mapping.campaign import map_project
from converter.model import Project
from converter.poms.config import CampaignConfig, StageConfig
from converter.poms.factor import Layout, factor
from converter.poms.readback import WriterError
from converter.poms.readback import check as check_text
from converter.poms.reader import resolve
from converter.poms.writer import write_cfg
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
        text = write_cfg(layout)
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
        ({"submit__memory": Text("1\n2")}, "a line that is no KEY = VALUE"),
        ({"global__memory": Text("1\n 2")}, "reads back as '1\\\\n2'"),
        ({"submit__memory": Text("1\n[submit]")}, "a second section"),
        ({"submit__memory": Text("1\nx = 2")}, "a shell would read more than words"),
        ({"global__memory": Text("1\nx = 2")}, "reads back as '1'"),
        ({"submit__memory": Text.named("nobody", "1")}, "nobody"),
        ({"submit__memory": Text.named("group", "1")}, "reads back as 'dune'"),
        ({"submit__group": Text("1")}, "submit.group"),
        ({"submit__memory": Text("")}, ""),
        ({"job_setup__prescript_2": Text("1"), "job_setup__prescript_1": Text("2")}, ""),
    ],
)
def test_what_would_read_back_otherwise_is_a_defect(values: dict[str, Text], said: str) -> None:
    layout = _layout(**values)
    if said:
        with pytest.raises(WriterError, match=said):
            write_cfg(layout)
    else:
        write_cfg(layout)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[job_setup]\nprescript_1 = 1\nprescript_2 = 2\n[stage_s]\nglobal.stage = s\n", ""),
        (
            "[job_setup]\nprescript_2 = 2\nprescript_1 = 1\n[stage_s]\nglobal.stage = s\n",
            "job_setup.prescript_1 is out of order",
        ),
        (
            "[job_setup]\nprescript_2 = 2\n"
            "[stage_s]\nglobal.stage = s\njob_setup.prescript_1 = 1\n",
            "s: job_setup.prescript_1 is out of order",
        ),
    ],
)
def test_lines_of_a_script_stand_in_order(text: str, said: str) -> None:
    config = StageConfig("s", ())
    config.set("global", "stage", "s")
    campaign = CampaignConfig({}, (), [config])
    with pytest.raises(WriterError, match=said) if said else nullcontext():
        check_text(f"[global]\ngroup = dune\n{text}", campaign)
