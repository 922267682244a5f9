"""The checklist: only the steps that a conversion needs, in order, as commands to copy."""

from __future__ import annotations

from converter.conversion import Options, convert_bytes
from tests.projects import ALONE, stage, xml


def steps(data: bytes, launcher: str = "fife_launch") -> list[tuple[str, str | None]]:
    report = convert_bytes(
        data, "p.xml", experiment="dune", options=Options(launcher=launcher)
    ).report
    return [(step.what, step.command) for step in report.checklist]


ANALYSIS = "--experiment dune --poms_role analysis"


def test_an_analysis_campaign() -> None:
    data = xml("<inputdef>raw</inputdef><maxfilesperjob>2</maxfilesperjob>")
    assert steps(data) == [
        (
            "upload your vault token, vt_dune_Analysis_$USER",
            f"upload_file {ANALYSIS} --vaulttoken",
        ),
        ("upload your proxy, x509up_voms_dune_Analysis_$USER", f"upload_file {ANALYSIS} --proxy"),
        ("upload campaign.cfg", f"upload_file {ANALYSIS} campaign.cfg"),
        ("bring dataset raw to disk", "samweb prestage-dataset --defname=raw"),
        ("upload the campaign", f"upload_wf {ANALYSIS} campaign.ini"),
        (
            "in POMS, campaign p, stage s: if its dataset has more than 1 TiB, set the split type "
            "to mod(N) and launch N times",
            None,
        ),
        ("in POMS, campaign p: launch test jobs of stage s", None),
        ("in POMS: launch campaign p", None),
    ]


def test_a_production_campaign_uses_the_accounts_credentials() -> None:
    what, command = steps(xml("", "<role>Production</role>"))[0]
    assert "dunepro@dunegpvm01.fnal.gov" in what
    assert "/opt/dunepro/dunepro.Production.proxy" in what
    assert command is None


def test_datasets_to_define_come_with_their_dimensions() -> None:
    commands = [c for _, c in steps(xml("<defname>d</defname><datatier>raw</datatier>"))]
    (command,) = [c for c in commands if c and c.startswith("samweb create-definition")]
    assert command.startswith('samweb create-definition d "file_type FILE_TYPE and data_tier raw')


def test_local_lists_are_uploaded() -> None:
    commands = [c for _, c in steps(xml("<inputlist>my.list</inputlist>"))]
    assert f"upload_file {ANALYSIS} my.list" in commands


def test_several_beginnings_are_launched_one_by_one() -> None:
    data = xml("", "", stage("t", "<previousstage>none</previousstage>"))
    assert [what for what, _ in steps(data)[-4:]] == [
        "in POMS, campaign p: launch test jobs of stage s",
        "in POMS, campaign p: launch test jobs of stage t",
        "in POMS, campaign p: launch stage s",
        "in POMS, campaign p: launch stage t",
    ]


def test_every_campaign_is_uploaded_before_the_first_launch() -> None:
    data = b"<job>" + xml(name="a") + xml(ALONE, name="b") + b"</job>"
    what = [one for one, _ in steps(data)]
    assert what.index("upload your proxy, x509up_voms_dune_Analysis_$USER") == 1
    assert len(what) == len(set(what)) + 1, "each step once, but for the campaigns' own"
    last_upload = max(n for n, one in enumerate(what) if one.startswith("upload"))
    assert last_upload < min(n for n, one in enumerate(what) if "launch" in one)


def test_the_bridge_uploads_the_xml() -> None:
    commands = [c for _, c in steps(xml(), "project.py")]
    assert f"upload_file {ANALYSIS} p.xml" in commands
    assert not [c for c in commands if c and c.endswith(".cfg")]


def test_names_with_blanks_stay_one_word() -> None:
    report = convert_bytes(
        xml(), "p.xml", experiment="dune", options=Options(output="my own.cfg")
    ).report
    commands = [step.command for step in report.checklist]
    assert f"upload_file {ANALYSIS} 'my own.cfg'" in commands
    assert f"upload_wf {ANALYSIS} 'my own.ini'" in commands


def test_a_dataset_that_poms_does_not_need_comes_last() -> None:
    made = "<inputdef>raw</inputdef><defname>mine</defname><datatier>raw</datatier>"
    assert steps(xml(made))[-1][0] == "if you want it: define dataset mine"


def test_a_dataset_that_is_read_first_is_defined_before_it_is_prestaged() -> None:
    drain = "<recurdef>raw_p</recurdef><recurtype>consumed</recurtype><recur>1</recur>"
    what = [one for one, _ in steps(xml(f"<inputdef>raw</inputdef>{drain}"))]
    first = what.index("define dataset raw_p")
    assert what[first + 1] == "bring dataset raw_p to disk"
