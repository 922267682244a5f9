"""Campaigns that differ in values only are one template and a table: nothing is lost by that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from converter.conversion import Options, convert_bytes
from converter.families.columns import parts_of
from converter.families.factoring import Family, factor
from converter.families.member import Member, in_family, kin, made_of, renamed
from converter.families.proof import launches_the_same
from converter.families.writing import template_cfg
from converter.poms.document import Document, parse
from converter.poms.factor import factor as lay_out
from converter.poms.ini import (
    CampaignIni,
    Dependency,
    IniStage,
    JobType,
    LoginSetup,
    pairs,
    read_ini,
    write_ini,
)
from converter.poms.reader import resolve
from converter.poms.writer import write_cfg
from converter.verify.campaign.poms import PomsLaunch, poms_launch
from tests.projects import xml
from tests.strategies import VALUE, WORD, campaigns
from tests.test_scriptfile import LONG

CFG = """
[global]
experiment = dune
group = %(experiment)s
wrapper = w
release = v1_0
project = prod_muon
numjobs = 10
stage = override_me
fclfile = override_me
sam_dataset = override_me

[submit]
N = %(numjobs)s
memory = 2000MB

[job_setup]
prescript_1 = echo 'MCName: "%(project)s"'
prescript_2 = echo 'MCGenerators: "genie"'

[executable]
name = lar
arg_1 = -n 100

[stage_gen]
global.stage = gen
global.fclfile = prod_muon.fcl

[stage_reco]
global.stage = reco
global.fclfile = reco.fcl
global.numjobs = 5
global.sam_dataset = %(project)s_gen
submit.memory = 4000MB
"""


def ini_of(name: str, version: str, stages: Sequence[str], datasets: Sequence[str]) -> CampaignIni:
    """A campaign.ini as conversion makes it."""
    job_type = JobType(
        "fife_launch_sam_12345678",
        "fife_launch",
        (("-Oglobal.release=", "%(version)s"),),
        "%.root",
        (("consumed_status", (("-Osubmit.memory=", "8000MB"),)),),
    )
    login = LoginSetup("dunepro_dunegpvm01_12345678", "dunegpvm01.fnal.gov", "dunepro", "true")
    made = []
    for stage, dataset in zip(stages, datasets):
        values = {
            "vo_role": "Production",
            "software_version": version.replace("%", "%%"),
            "dataset_or_split_data": dataset.replace("%", "%%"),
            "cs_split_type": "None",
            "completion_type": "located",
            "completion_pct": "95",
            "param_overrides": pairs((("-c ", f"$UPLOADS/{name}.cfg"), ("--stage ", stage))),
            "test_param_overrides": pairs((("-Osubmit.N=", "1"),)),
            "merge_overrides": "False",
            "login_setup": login.name,
            "job_type": job_type.name,
            "stage_type": "regular",
            "output_ancestor_depth": "1",
        }
        waits = (Dependency(made[-1].name, "%.root"),) if made else ()
        made.append(IniStage(stage, values, waits))
    return CampaignIni(name, "dune", "production", tuple(made), (job_type,), login)


def changed(cfg: Document, changes: Mapping[tuple[str, str], str]) -> Document:
    """The campaign.cfg with other values."""
    return Document(
        {
            section: {key: changes.get((section, key), text) for key, text in keys.items()}
            for section, keys in cfg.sections.items()
        }
    )


def member(name: str, release: str = "v1_0", /, **changes: str) -> Member:
    """A campaign like CFG; changes are given as section__key."""
    places = {tuple(key.split("__")): text for key, text in changes.items()}
    cfg = changed(parse(CFG), {("global", "release"): release, **places})  # type: ignore[dict-item]
    project = cfg.sections["global"]["project"]
    ini = ini_of(name, release, ["gen", "reco"], ["None", f"{project}_gen"])
    return Member(name, f"{name}.xml", cfg, ini)


def launches(cfg: Document, ini: CampaignIni) -> dict[str, tuple[PomsLaunch, object]]:
    """What POMS launches, and what fife_launch finds then, in its order."""
    found: dict[str, tuple[PomsLaunch, object]] = {}
    for stage in read_ini(write_ini(ini)).stages:
        launch = poms_launch(ini, stage)
        sections = resolve(cfg, launch.stage, launch.overrides)
        found[stage.name] = launch, {s: [*keys.items()] for s, keys in sections.items()}
    return found


def check(members: Sequence[Member], family: Family) -> None:
    """Each campaign of the family launches what its own campaign.cfg and .ini would."""
    for one, row in zip(members, family.rows):
        ini = family.template.campaign(row)
        cfg = renamed(one.cfg, in_family(one.scripts, family.template.name))
        theirs = launches(cfg, one.ini)
        ours = launches(family.template.cfg, ini)
        assert list(ours) == list(theirs)
        for stage, (launch, sections) in theirs.items():
            mine, found = ours[stage]
            assert {**mine.fields, "launches": ""} == {**launch.fields, "launches": ""}
            macros = dict(sections["global"])  # type: ignore[index]
            found["global"] = [(k, v) for k, v in found["global"] if k in macros]  # type: ignore[index]
            assert found == sections


RAW = st.one_of(
    VALUE.map(lambda text: " ".join(text.split()).replace("%", "%%")).filter(bool),
    st.sampled_from(
        ["%(experiment)s", "a/%(stage)s/b", "x %(experiment)s", "%%%%", "%(group)s-%%"]
    ),
    WORD.map(lambda word: f"prod_{word}_2024"),
).filter(lambda text: text[0] not in "#;" and text.isprintable())
"""What can stand in a campaign.cfg."""


def _for(place: tuple[str, str], text: str) -> str:
    """What is in a macro is expanded twice."""
    is_macro = place[0] == "global" or place[1].startswith("global.")
    return text.replace("%%", "%%%%") if is_macro else text


@st.composite
def families(draw: st.DrawFn) -> list[Member]:
    """Campaigns that differ in values only, whatever these are."""
    text = write_cfg(lay_out(draw(campaigns())), comments=False)
    cfg = parse(text)
    cfg = Document({**cfg.sections, "global": {**cfg.sections["global"], "release": "v1"}})
    stages = [one.removeprefix("stage_") for one in cfg.sections if one.startswith("stage_")]
    fixed = {"parent", "global.stage", "stage", "experiment", "group", "wrapper", "release"}
    places = [
        (section, key) for section, keys in cfg.sections.items() for key in keys if key not in fixed
    ]
    vary = draw(st.lists(st.sampled_from(places), max_size=6)) if places else []
    members = []
    for number in range(draw(st.integers(1, 4))):
        release = draw(st.sampled_from(["v1", "v2_0_00"]))
        changes = {place: _for(place, draw(RAW)) for place in vary}
        mine = changed(cfg, {**changes, ("global", "release"): release})
        datasets = ["None", *(draw(WORD) for _ in stages[1:])]
        ini = ini_of(f"campaign_{number}", release, stages, datasets)
        members.append(Member(f"campaign_{number}", f"{number}.xml", mine, ini))
    return members


@given(families())
def test_what_is_factored_expands_to_what_it_was(members: list[Member]) -> None:
    alike = [one for one in members if kin(one) == kin(members[0])]
    check(alike, factor(alike, "fam"))


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (("a", "a"), ["a"]),
        (('x: "ab"', 'x: "cd"'), ['x: "', ("ab", "cd"), '"']),
        (("-n 10 -q", "-n 20 -q"), ["-n ", ("10", "20"), " -q"]),
        (("a 1 b 2", "a 3 b 4"), ["a ", ("1", "3"), " b ", ("2", "4")]),
        (("%(p)s_x", "%(q)s_x"), [("%(p)s", "%(q)s"), "_x"]),
        (("a/b/c", "a/c"), ["a", ("/b/", "/"), "c"]),
    ],
)
def test_what_varies_is_whole_words(texts: tuple[str, ...], parts: list[object]) -> None:
    assert parts_of(texts) == parts


@given(st.lists(st.one_of(RAW, VALUE), min_size=1, max_size=4))
def test_parts_put_together_are_the_texts(texts: list[str]) -> None:
    parts = parts_of(tuple(texts))
    for number, text in enumerate(texts):
        assert "".join(p if isinstance(p, str) else p[number] for p in parts) == text


def overrides(family: Family, number: int) -> dict[str, str]:
    ini = family.template.campaign(family.rows[number])
    return {flag.removeprefix("-Oglobal.")[:-1]: value for flag, value in ini.overrides}


def test_a_campaign_has_overrides_for_what_is_its_own() -> None:
    family = factor([member("a"), member("b", submit__memory="3000MB")], "fam")
    assert family.columns == ("name", "release", "project", "job_memory")
    assert overrides(family, 0) == {}
    assert overrides(family, 1) == {"job_memory": "3000MB"}
    assert family.template.cfg.sections["submit"]["memory"] == "%(job_memory)s"


def test_the_release_travels_as_the_version_of_the_software() -> None:
    family = factor([member("a"), member("b", "v2_0")], "fam")
    ini = family.template.campaign(family.rows[1])
    assert overrides(family, 1) == {}
    assert {stage.values["software_version"] for stage in ini.stages} == {"v2_0"}


def test_a_value_made_of_the_project_follows_it() -> None:
    family = factor(
        [
            member("a", **{"stage_gen__global.fclfile": "prod_muon.fcl"}),
            member(
                "b",
                global__project="prod_pion",
                **{"stage_gen__global.fclfile": "prod_pion.fcl"},
            ),
        ],
        "fam",
    )
    assert family.columns == ("name", "release", "project")
    gen = family.template.cfg.sections["stage_gen"]
    assert gen["global.fclfile"] == "%(project)s.fcl"
    ini = family.template.campaign({**family.rows[0], "project": "prod_kaon"})
    assert ini.stages[1].values["dataset_or_split_data"] == "prod_kaon_gen"


def test_a_macro_that_a_stage_sets_is_not_overridden_for_that_stage() -> None:
    members = [member("a"), member("b", global__numjobs="20")]
    family = factor(members, "fam")
    check(members, family)
    assert overrides(family, 1) == {"numjobs_default": "20"}


def test_of_a_script_only_the_word_that_varies_is_a_macro() -> None:
    line = """echo 'MCGenerators: "corsika"'"""
    family = factor([member("a"), member("b", job_setup__prescript_2=line)], "fam")
    setup = family.template.cfg.sections["job_setup"]
    assert setup["prescript_2"] == """echo 'MCGenerators: "%(MCGenerators)s"'"""
    assert overrides(family, 1) == {"MCGenerators": "corsika"}


def test_the_job_types_are_the_familys() -> None:
    family = factor([member("a"), member("b", submit__memory="1GB")], "fam")
    made = [family.template.campaign(row) for row in family.rows]
    assert made[0].job_types == made[1].job_types
    launched = [["-c ", "$UPLOADS/fam.cfg"], ["--stage ", "gen"]]
    assert json.loads(made[1].stages[0].values["param_overrides"]) == launched


@pytest.mark.parametrize(
    "change",
    [
        {"submit__memory": "2000 MB"},
        {"stage_gen__global.stage": "other"},
        {"executable__arg_1": "-n 100 -q"},
    ],
)
def test_a_campaign_that_differs_in_more_than_values_is_no_kin(change: dict[str, str]) -> None:
    assert kin(member("a")) != kin(member("b", **change))


def converted(name: str, stage: str) -> Member:
    """A campaign with a script beside it."""
    options = Options(output=f"{name}.cfg", title=name)
    (own,) = convert_bytes(xml(stage), "p.xml", experiment="dune", options=options).campaigns
    assert own.scripts
    return made_of(name, "", own.files)


def test_the_same_script_beside_campaigns_is_the_familys() -> None:
    members = [converted("a", LONG), converted("b", LONG)]
    family = factor(members, "fam")
    check(members, family)
    assert family.template.beside == tuple(family.scripts) == ("fam-s-run_lar.sh",)
    (script,) = family.scripts.values()
    assert "# For s of fam.cfg, which sends it" in script


def test_another_script_is_another_family() -> None:
    assert kin(converted("a", LONG)) == kin(converted("b", LONG))
    assert kin(converted("a", LONG)) != kin(converted("b", LONG.replace("f9.fcl", "g.fcl")))


def test_what_is_said_of_one_campaigns_xml_is_not_said_of_the_template() -> None:
    said = "# a.xml:1 <memory>,\n#   :2 <disk>\n# Some words.\n[submit]"
    text = template_cfg(
        factor([member("a"), member("b")], "fam"), CFG.replace("[submit]", said), "a.xml"
    )
    assert "# Some words.\n[submit]" in text
    assert "<memory>" not in text
    assert "<disk>" not in text


def fed(name: str, dataset: str) -> Member:
    """A campaign whose first stage reads a dataset."""
    one = member(name)
    cfg = changed(one.cfg, {("stage_gen", "global.stage"): "gen"})
    first, *rest = one.ini.stages
    values = {**first.values, "dataset_or_split_data": dataset}
    ini = replace(one.ini, stages=(replace(first, values=values), *rest))
    return Member(name, one.source, cfg, ini)


def test_the_dataset_that_a_campaign_begins_with_is_always_a_column() -> None:
    family = factor([fed("a", "raw"), fed("b", "raw")], "fam")
    assert family.columns == ("name", "release", "project", "dataset_gen")
    ini = family.template.campaign({**family.rows[0], "dataset_gen": "raw2"})
    assert ini.stages[0].values["dataset_or_split_data"] == "raw2"


def test_a_dataset_follows_macros_that_are_no_columns_yet() -> None:
    def tagged(name: str) -> Member:
        one = member(name, **{"stage_reco__global.sam_dataset": "%(project)s_%(tag)s"})
        macros = {**one.cfg.sections["global"], "tag": "mcc7"}
        first, second = one.ini.stages
        values = {**second.values, "dataset_or_split_data": "prod_muon_mcc7"}
        ini = replace(one.ini, stages=(first, replace(second, values=values)))
        return Member(name, "", Document({**one.cfg.sections, "global": macros}), ini)

    family = factor([tagged("a"), tagged("b")], "fam")
    assert "tag" not in family.columns
    ini = family.template.campaign({**family.rows[0], "tag": "mcc8"})
    assert ini.stages[1].values["dataset_or_split_data"] == "prod_muon_mcc8"


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"release": "v2_0"}, False),
        ({"release": "%(nobody)s"}, False),
        ({"release": "%("}, False),
        ({"nobody": "x"}, True),
    ],
)
def test_a_campaign_that_is_launched_otherwise_is_found(
    change: Mapping[str, str], same: bool
) -> None:
    """It becomes no member of the family, whatever went wrong with its template."""
    one, other = member("a"), member("b", "v1_1", global__project="prod_pion")
    family = factor([one, other], "fam")
    row = family.rows[0]
    assert launches_the_same(one, family.template, {**row, **change}) is same
    assert not launches_the_same(other, family.template, row)
    assert not launches_the_same(one, family.template, {})


def test_a_campaign_of_another_number_of_stages_is_no_member() -> None:
    one, other = member("a"), member("b", "v1_1")
    family = factor([one, other], "fam")
    shorter = replace(one, ini=replace(one.ini, stages=one.ini.stages[:1]))
    assert not launches_the_same(shorter, family.template, family.rows[0])
