"""The campaign: what waits for what, datasets, how stages launch."""

from __future__ import annotations

import json
from configparser import ConfigParser
from pathlib import Path

import pytest

from converter.conversion import Conversion, Options, convert_bytes
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.poms.ini import CampaignIni, Dependency, read_ini
from tests import golden
from tests.projects import ALONE, ini_keys, stage, xml


def converted(
    data: bytes,
    launcher: str = FIFE_LAUNCH,
    output: str = "campaign.cfg",
    *,
    split_chains: bool = False,
) -> Conversion:
    options = Options(launcher=launcher, output=output, split_chains=split_chains)
    return convert_bytes(data, "p.xml", experiment="dune", options=options)


def ini(data: bytes, launcher: str = FIFE_LAUNCH) -> CampaignIni:
    return read_ini(converted(data, launcher).campaigns[0].ini)


def values(campaign: CampaignIni, name: str) -> dict[str, str]:
    return dict(next(s.values for s in campaign.stages if s.name == name))


CHAIN = xml(
    "<defname>made</defname><numjobs>6</numjobs>",
    "",
    stage("t", "<output>%ifb_t.root</output><defname>next</defname>"),
    stage("u", "<ana>1</ana>"),
)


def test_a_chain() -> None:
    campaign = ini(CHAIN)
    waits = {s.name: [(d.producer, d.pattern) for d in s.dependencies] for s in campaign.stages}
    assert waits == {"s": [], "t": [("s", "%.root")], "u": [("t", "%_t0.root")]}
    assert [values(campaign, n)["stage_type"] for n in "stu"] == ["generator", "regular", "regular"]
    assert [values(campaign, n)["completion_type"] for n in "stu"] == [
        "located",
        "located",
        "complete",
    ]
    assert [values(campaign, n)["dataset_or_split_data"] for n in "stu"] == ["None", "made", "next"]
    assert values(campaign, "s")["software_version"] == "v09_81_00"


@pytest.mark.parametrize(
    ("body", "title", "fate", "targets"),
    [
        ("", "", "mapped", {"cfg:global.project", "cfg:global.jobname", "ini:campaign.name"}),
        ("", "other", "mapped", {"cfg:global.project", "cfg:global.jobname"}),
        ("<batchname>b</batchname>", "", "mapped", {"ini:campaign.name"}),
        ("<batchname>b</batchname>", "other", "derived", set()),
    ],
)
def test_where_the_name_of_a_project_stands(
    body: str, title: str, fate: str, targets: set[str]
) -> None:
    """Where it is in nothing that is launched, it only names the files."""
    data = xml(body, name="prod_test")
    found = convert_bytes(data, "p.xml", experiment="dune", options=Options(title=title))
    (name,) = [s for s in found.report.settings if s.path == "project/@name"]
    assert (name.fate.value, set(name.targets)) == (fate, targets)


@pytest.mark.parametrize(
    ("types", "patterns"),
    [("root", "%.root"), ("root,csv", "%.csv,%.root"), ("100%", "%.root"), ("csv,*", "%.csv")],
)
def test_files_that_a_recovery_counts(types: str, patterns: str) -> None:
    campaign = ini(xml(f"<datafiletypes>{types}</datafiletypes>"))
    assert [one.output_file_patterns for one in campaign.job_types] == [patterns]


def test_datasets_are_handed_down_and_generators_name_theirs() -> None:
    campaign = ini(CHAIN)
    assert json.loads(values(campaign, "t")["param_overrides"]) == [
        ["-c ", "$UPLOADS/campaign.cfg"],
        ["--stage ", "t"],
        ["-Oglobal.sam_dataset=", "%(dataset)s"],
    ]
    assert json.loads(values(campaign, "s")["param_overrides"]) == [
        ["-c ", "$UPLOADS/campaign.cfg"],
        ["--stage ", "s"],
        ["-Ojob_output.add_to_dataset=", "_poms_analysis"],
    ]
    production = ini(CHAIN.replace(b"<os>", b"<role>Production</role><os>"))
    assert "_poms_task" in values(production, "s")["param_overrides"]
    assert (production.role, values(production, "s")["vo_role"]) == ("production", "Production")


@pytest.mark.parametrize(
    ("settings", "split"),
    [
        ("", "None"),
        ("<numjobs>3</numjobs><maxfilesperjob>4</maxfilesperjob>", "limitn(12)"),
        ("<numjobs>3</numjobs>", "None"),
        ("<recurdef>r</recurdef><recurtype>consumed</recurtype>", "draining"),
        (
            "<recurdef>r</recurdef><recurtype>snapshot</recurtype><recurlimit>9</recurlimit>",
            "drainingn(9)",
        ),
        ("<recurdef>r</recurdef><recurtype>snapshot</recurtype>", "draining"),
    ],
)
def test_split_types(settings: str, split: str) -> None:
    campaign = ini(xml("<inputdef>raw</inputdef>" + settings))
    assert values(campaign, "s")["cs_split_type"] == split


def test_poms_drains_the_base_dataset_by_snapshots_of_its_own() -> None:
    recur = "<recurdef>r</recurdef><recurtype>snapshot</recurtype><recurlimit>9</recurlimit>"
    campaign = ini(xml("<inputdef>raw</inputdef>" + recur))
    assert values(campaign, "s")["dataset_or_split_data"] == "raw"
    without = ini(xml("<inputdef>raw</inputdef>" + recur.replace("snapshot", "consumed")))
    assert values(without, "s")["dataset_or_split_data"] == "r"


def test_a_dataset_that_an_earlier_stage_makes_is_no_second_beginning() -> None:
    data = xml("<defname>made</defname>", "", stage("t", "<inputdef>made</inputdef>"))
    assert [len(s.dependencies) for s in ini(data).stages] == [0, 1]


def test_a_stream_is_a_sam_dimension() -> None:
    later = stage("t", "<inputstream>beam</inputstream>")
    campaign = ini(xml("<defname>made</defname>", "", later))
    assert campaign.stages[1].dependencies[0].pattern == "data_stream beam"


def test_several_beginnings_are_a_finding() -> None:
    data = xml("", "", stage("t", "<previousstage>none</previousstage>"))
    assert "X2P821" in {f.code for f in converted(data).report.findings}
    assert "X2P821" not in {f.code for f in converted(CHAIN).report.findings}


def test_projects_that_feed_each_other_are_one_campaign() -> None:
    """With the stages of both, each launched with its own campaign.cfg."""
    data = xml("<defname>d</defname>", name="a") + xml("", "", stage("t"), name="b")
    conversion = converted(b"<job>" + data + b"</job>")
    assert [list(one.files) for one in conversion.campaigns] == [
        ["campaign-a.cfg", "campaign.ini"],
        ["campaign-b.cfg", "campaign.ini"],
    ]
    campaign = read_ini(conversion.campaigns[1].ini)
    assert campaign.name == "a"
    assert [one.name for one in campaign.stages] == ["s", "s_", "t"]
    assert campaign.stages[1].dependencies == (Dependency("s", "%.root"),)
    assert campaign.stages[2].dependencies == (Dependency("s_", "%.root"),)
    files = [json.loads(one.values["param_overrides"])[:2] for one in campaign.stages]
    assert files == [
        [["-c ", "$UPLOADS/campaign-a.cfg"], ["--stage ", "s"]],
        [["-c ", "$UPLOADS/campaign-b.cfg"], ["--stage ", "s_"]],
        [["-c ", "$UPLOADS/campaign-b.cfg"], ["--stage ", "t"]],
    ]
    codes = {f.code for f in conversion.report.findings}
    assert "X2P826" in codes
    assert not codes & {"X2P821", "X2P824"}


def test_projects_of_several_groups() -> None:
    data = xml(name="a") + xml(ALONE, name="b") + xml(name="c")
    conversion = converted(b"<job>" + data + b"</job>")
    assert [[*one.files][1] for one in conversion.campaigns] == [
        "campaign-a.ini",
        "campaign-b.ini",
        "campaign-b.ini",
    ]
    assert [one.name for one in conversion.campaigns] == ["a", "b", "b"]


def test_projects_of_different_roles_are_campaigns_of_their_own() -> None:
    other = xml("", "<role>Production</role>", name="b")
    data = b"<job>" + xml("<defname>d</defname>", name="a") + other + b"</job>"
    report = converted(data).report
    assert "X2P824" in {f.code for f in report.findings}
    second = read_ini(converted(data).campaigns[1].ini)
    assert second.stages[0].dependencies == ()
    assert second.stages[0].values["dataset_or_split_data"] == "d"


THREE_CHAINS = xml(
    "<inputdef>d</inputdef>",
    "",
    stage("t"),
    stage("u", ALONE),
    stage("v", "<inputdef>e</inputdef>"),
)


def test_each_chain_can_be_a_campaign_of_its_own() -> None:
    conversion = converted(THREE_CHAINS, split_chains=True)
    (one,) = conversion.campaigns
    assert list(one.files) == ["campaign.cfg", *(f"campaign-{s}.ini" for s in "suv")]
    assert one.names == ("p-s", "p-u", "p-v")
    inis = [read_ini(text) for name, text in one.files.items() if name.endswith(".ini")]
    assert [[s.name for s in campaign.stages] for campaign in inis] == [["s", "t"], ["u"], ["v"]]
    for campaign in inis:
        assert sum(not s.dependencies for s in campaign.stages) == 1, "POMS launches it"
        assert {j.name for j in campaign.job_types} == {
            s.values["job_type"] for s in campaign.stages
        }
    findings = {f.code for f in conversion.report.findings}
    assert "X2P827" in findings
    assert "X2P821" not in findings


def test_chains_of_one_project_have_no_names_of_another_one() -> None:
    """Neither as files nor in POMS, on any file system."""
    several = xml(ALONE, "", stage("b", ALONE), stage("B", ALONE), name="a")
    data = b"<job>" + several + xml(ALONE, name="a-b") + b"</job>"
    campaigns = converted(data, split_chains=True).campaigns
    files = [name for one in campaigns for name in one.files]
    names = [name for one in campaigns for name in one.names]
    for found in (files, names):
        assert len({one.casefold() for one in found}) == len(found)


def test_what_split_chains_would_do_is_said() -> None:
    (told,) = [f for f in converted(THREE_CHAINS).report.findings if f.code == "X2P821"]
    assert told.advice is not None
    assert told.advice.endswith("p-s (2 stages), p-u (1 stage), p-v (1 stage)")


def test_settings_point_into_the_campaign_of_their_chain() -> None:
    conversion = converted(THREE_CHAINS, split_chains=True)
    there = set()
    for name, text in conversion.campaigns[0].files.items():
        if name.endswith(".ini"):
            config = ConfigParser(interpolation=None)
            config.read_string(text)
            there |= {f"ini:{s}.{k}" for s in config.sections() for k in config[s]}
    settings = conversion.report.settings
    targets = {t for s in settings for t in s.targets if t.startswith("ini:")}
    assert targets <= there


@pytest.mark.parametrize(
    ("first", "override", "code"),
    [
        (
            xml("<defname>d</defname>", name="a") + xml("", "<role>Production</role>", name="b"),
            False,
            "X2P804",
        ),
        (xml("<defname>d</defname>", "", stage("t"), name="a"), True, "X2P801"),
    ],
)
def test_the_job_fills_the_dataset_that_another_campaign_reads(
    first: bytes, override: bool, code: str
) -> None:
    conversion = converted(b"<job>" + first + b"</job>")
    generator = read_ini(conversion.campaigns[0].ini)
    overrides = values(generator, generator.stages[0].name)["param_overrides"]
    assert ("add_to_dataset" in overrides) == override
    codes = {f.code for f in conversion.report.findings} & {"X2P801", "X2P804"}
    assert codes == {code}


def test_files_of_several_fcl_have_no_parents_so_that_the_job_names_their_dataset() -> None:
    several = (
        "<fcl>a.fcl</fcl><fcl>b.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>"
        "<inputdef>raw</inputdef>"
    )
    campaign = ini(xml(several, "", stage("t")))
    assert values(campaign, "s")["stage_type"] == "generator"
    assert "_poms_analysis" in values(campaign, "s")["param_overrides"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("<numjobs>3</numjobs>", ["-Oglobal.numjobs=1", "-Oglobal.numevents=10"]),
        ("<numjobs>4</numjobs>", ["-Oglobal.numjobs=1", "-Oglobal.eventsperjob=10"]),
        (
            "<inputdef>d</inputdef>",
            ["-Osubmit.N=1", "-Osam_consumer.limit=1", "-Oglobal.numevents=10"],
        ),
        ("<inputlist>/l</inputlist>", ["-Osubmit.N=1", "-Oglobal.numevents=10"]),
    ],
)
def test_a_test_is_one_small_job(settings: str, expected: list[str]) -> None:
    overrides = json.loads(values(ini(xml(settings)), "s")["test_param_overrides"])
    assert ["".join(pair) for pair in overrides] == expected


def test_recoveries_are_for_what_sam_feeds_and_then_with_more_memory() -> None:
    types = {j.name.split("_")[2]: j for j in ini(CHAIN).job_types}
    assert types["plain"].recoveries == ()
    assert types["sam"].recoveries == (
        ("consumed_status", ()),
        ("consumed_status", (("-Osubmit.memory=", "8000MB"),)),
    )
    large = ini(xml("<inputdef>d</inputdef><memory>9000</memory>")).job_types[0]
    assert large.recoveries[1][1] == (("-Osubmit.memory=", "11000MB"),)


def test_job_types_and_login_setups_are_the_same_in_every_campaign() -> None:
    one, other = ini(CHAIN), read_ini(converted(CHAIN, output="other.cfg").campaigns[0].ini)
    assert one.job_types == other.job_types
    assert one.login_setup == other.login_setup
    assert one.stages != other.stages, "which file is launched is the stage's to say"


def test_what_has_another_content_has_another_name() -> None:
    usual = ini(xml("<inputdef>d</inputdef>"))
    more = ini(xml("<inputdef>d</inputdef><memory>9000</memory>"))
    role = ini(xml("<inputdef>d</inputdef>", "<role>Production</role>"))
    assert usual.job_types[0].name != more.job_types[0].name
    assert usual.login_setup.name.startswith("poms_launcher_pomsgpvm01_")
    assert role.login_setup.name.startswith("dunepro_dunegpvm01_")
    assert role.job_types == usual.job_types


def test_what_is_launched_alike_is_one_job_type() -> None:
    listed = stage("t", "<inputlist>/l</inputlist>")
    assert len(ini(xml("", "", listed)).job_types) == 1


def test_the_release_that_runs_is_the_one_that_poms_selects_by() -> None:
    (job_type,) = ini(xml()).job_types
    assert job_type.parameters == (("-Oglobal.release=", "%(version)s"),)
    bare = ini(xml().replace(b"<tag>v09_81_00</tag>", b""))
    assert bare.job_types[0].parameters == ()
    assert values(bare, "s")["software_version"] == "test"


def test_the_bridge_launches_project_py_itself() -> None:
    conversion = converted(CHAIN, PROJECT_PY)
    assert list(conversion.campaigns[0].files) == ["campaign.ini"]
    campaign = read_ini(conversion.campaigns[0].ini)
    assert {j.launch_script for j in campaign.job_types} == {"project.py"}
    assert campaign.job_types[0].parameters == ()
    assert json.loads(values(campaign, "t")["param_overrides"]) == [
        ["--xml ", "$UPLOADS/p.xml"],
        ["--stage ", "t"],
        ["--inputdef ", "%(dataset)s"],
        ["--submit", ""],
    ]
    fates = {s.fate.value for s in conversion.report.settings}
    assert fates == {"mapped"}
    assert "X2P822" in {f.code for f in conversion.report.findings}, "nothing is declared"


def test_the_bridge_declares_what_the_xml_has_checked() -> None:
    checked = xml("<inputdef>d</inputdef><check>1</check>", "", stage("t"))
    report = converted(checked, PROJECT_PY).report
    assert "X2P822" not in {f.code for f in report.findings}


def test_the_bridge_is_recommended_where_something_is_lost() -> None:
    report = converted(xml("<inputdef>d</inputdef><mixinputdef>m</mixinputdef>")).report
    assert "X2P823" in {f.code for f in report.findings}


def test_the_bridge_names_the_project_where_there_are_several() -> None:
    data = b"<job>" + xml(name="a b") + xml(name="c") + b"</job>"
    campaign = ini(data, PROJECT_PY)
    assert json.loads(values(campaign, "s")["param_overrides"])[1] == ["--project ", "'a b'"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("project/@name", "ini:campaign.name"),
        ("project/larsoft/tag", "ini:campaign_defaults.software_version"),
        ("project/stage[1]/@name", "ini:campaign_stage s.param_overrides"),
        ("project/stage[1]/inputdef", "ini:campaign_stage s.dataset_or_split_data"),
        ("project/stage[1]/maxfilesperjob", "ini:campaign_stage s.cs_split_type"),
        ("project/stage[2]/previousstage", "ini:dependencies t.campaign_stage_1"),
    ],
)
def test_what_stands_in_the_ini_is_in_the_report(path: str, expected: str) -> None:
    first = "<inputdef>raw</inputdef><numjobs>5</numjobs><maxfilesperjob>2</maxfilesperjob>"
    second = stage("t", "<previousstage>s</previousstage>")
    settings = {s.path: s.targets for s in converted(xml(first, "", second)).report.settings}
    assert expected in settings[path]


@pytest.mark.parametrize("launcher", [FIFE_LAUNCH, PROJECT_PY])
@pytest.mark.parametrize("source", golden.sources(), ids=lambda path: path.stem)
def test_every_key_of_the_ini_is_accounted_for(source: Path, launcher: str) -> None:
    conversion = convert_bytes(source.read_bytes(), source.name, options=Options(launcher=launcher))
    report = conversion.report
    told = {t for s in (*report.settings, *report.implied, *report.findings) for t in s.targets}
    assert {t for t in told if t.startswith("ini:")} == ini_keys(conversion)
