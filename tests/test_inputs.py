"""Input: dataset, another stage's files, list, file, nothing."""

from __future__ import annotations

import shlex

import pytest

from tests.projects import Converted, convert, stage, xml


def test_a_dataset_is_asked_for_by_one_lar() -> None:
    converted = convert(
        "<inputdef>raw</inputdef><maxfilesperjob>4</maxfilesperjob><schema>xroot</schema>"
    )
    assert converted["submit", "dataset"] == "raw"
    assert converted["job_setup", "ifdh_art"] == "True"
    assert converted["sam_consumer", "limit"] == "4"
    assert converted["sam_consumer", "schema"] == "root"
    assert converted["sam_consumer", "appname"] == "s"
    assert converted["sam_consumer", "appvers"] == "v09_81_00"
    assert converted.fate("stage/inputdef") == "mapped"
    (name,) = [finding for finding in converted.findings if finding.code == "X2P415"]
    assert name.targets == ("cfg:sam_consumer.appname",)


@pytest.mark.parametrize(
    ("own", "limit"),
    [
        ("", "5"),
        ("<maxfilesperjob>2</maxfilesperjob>", "2"),
        ("<maxfilesperjob>7</maxfilesperjob>", "5"),
    ],
)
def test_the_limit_of_files_that_is_told_is_the_one_that_is_set(own: str, limit: str) -> None:
    later = stage("t", f"<numjobs>20</numjobs>{own}")
    converted = Converted(
        xml("<defname>made</defname><numjobs>100</numjobs>", "", later), stage="t"
    )
    assert converted["sam_consumer", "limit"] == limit
    (said,) = [finding.slots for finding in converted.findings if finding.code == "X2P407"]
    assert said["limit"] == limit


def test_a_stage_reads_the_dataset_of_the_one_before() -> None:
    data = xml(
        "<defname>made</defname>", "<numjobs>6</numjobs>", stage("t", "<numjobs>4</numjobs>")
    )
    after = Converted(data, stage="t")
    assert after["submit", "dataset"] == "made"
    assert after["sam_consumer", "limit"] == "2", "6 files for 4 jobs"
    assert {"X2P404", "X2P407"} <= after.codes
    before = Converted(data)
    assert before["job_output", "declare_metadata"] == "True"
    assert before["job_output", "add_location"] == "True"
    assert before["job_output", "add_to_dataset"] == "made"
    assert after["job_output", "declare_metadata"] is None


def test_maxfilesperjob_limits_a_share() -> None:
    body = "<numjobs>2</numjobs><maxfilesperjob>3</maxfilesperjob>"
    data = xml("<defname>d</defname>", "<numjobs>10</numjobs>", stage("t", body))
    assert Converted(data, stage="t")["sam_consumer", "limit"] == "3"


def test_without_a_dataset_name_poms_has_to_give_it() -> None:
    converted = Converted(xml("", "", stage("t")), stage="t")
    assert converted["submit", "dataset"] == "override_me"
    assert "X2P405" in converted.codes


def test_previousstage_and_inputstream() -> None:
    more = (
        stage("t", "<defname>other</defname>"),
        stage("u", "<previousstage>s</previousstage><inputstream>beam</inputstream>"),
        stage("v", "<previousstage>none</previousstage>"),
    )
    data = xml("<defname>made</defname>", "", *more)
    u = Converted(data, stage="u")
    assert u["submit", "dataset"] == "made_beam"
    assert "X2P406" in u.codes
    assert Converted(data, stage="v")["submit", "dataset"] is None


def test_a_stream_says_nothing_about_an_inherited_list() -> None:
    based = '<stage name="u" base="t"><inputstream>beam</inputstream></stage>'
    data = xml("<defname>made</defname>", "", stage("t") + based)
    u = Converted(data, stage="u")
    assert u["submit", "dataset"] == "made"
    assert "X2P406" not in u.codes
    assert u.fate("stage[3]/inputstream") == "by-design"
    assert "data_stream" not in u.conversion.campaigns[0].ini


def test_a_dataset_that_an_earlier_stage_makes_is_a_dependency() -> None:
    data = xml("<defname>made</defname>", "", stage("t", "<inputdef>made</inputdef>"))
    converted = Converted(data, stage="t")
    assert "X2P403" in converted.codes
    assert Converted(data)["job_output", "declare_metadata"] == "True"


def test_jobs_share_a_list() -> None:
    converted = convert(
        "<inputlist>/exp/x/my.list</inputlist><numjobs>5</numjobs><maxfilesperjob>2</maxfilesperjob>"
    )
    assert converted["submit", "f_1"] == "dropbox:///exp/x/my.list"
    assert converted.arguments[:3] == ["-c gen.fcl", "--rethrow-default", "-S input.list"]
    text = "\n".join(converted.prescripts)
    assert "$CONDOR_DIR_INPUT/my.list" in text
    assert "$((2 * 5))" in text
    assert converted["job_output", "rename"] is None


def test_xrootd_files_of_a_list_are_not_copied() -> None:
    converted = convert("<inputlist>/x/my.list</inputlist><schema>root</schema>")
    assert any("root://fndcadoor.fnal.gov" in line for line in converted.prescripts)


def test_a_single_file() -> None:
    converted = convert("<inputfile>/pnfs/dune/a.root</inputfile>")
    assert converted.prescripts == [
        "mkdir in; ifdh cp /pnfs/dune/a.root in/a.root && ls in/a.root > input.list"
    ]
    assert "-S input.list" in converted.arguments
    assert (
        "X2P408"
        in convert("<inputfile>/pnfs/a</inputfile><maxfilesperjob>1</maxfilesperjob>").codes
    )


@pytest.mark.parametrize("schema", ["", "<schema>root</schema>"])
@pytest.mark.parametrize("name", ["a b.root", "a;touch x", "$(touch x)", "a&amp;touch x"])
def test_the_name_of_a_single_file_is_one_word_of_the_jobs_shell(name: str, schema: str) -> None:
    converted = convert(f"<inputfile>/pnfs/dune/{name}</inputfile>{schema}")
    (fetch,) = converted.prescripts
    meant = name.replace("&amp;", "&")
    words = shlex.split(fetch)
    assert [word.rpartition("/")[2] for word in words if "touch" in word or "root" in word] == [
        meant
    ] * (1 if schema else 3)
    assert "X2P511" in converted.codes


@pytest.mark.parametrize("schema", ["", "<schema>root</schema>"])
def test_the_name_of_a_single_file_keeps_its_variables(schema: str) -> None:
    """project.py's worker expands them."""
    converted = convert(f"<inputfile>/pnfs/dune/$USER/f.root</inputfile>{schema}")
    (fetch,) = converted.prescripts
    assert "dune/$USER/f.root " in fetch
    assert "'" not in fetch


def test_a_text_file_of_events() -> None:
    converted = convert("<inputfile>/pnfs/a.txt</inputfile><inputmode>textfile</inputmode>")
    assert not any(argument.startswith("-S") for argument in converted.arguments)
    assert converted.heredoc("wrapper.fcl") == [
        '#include "gen.fcl"',
        "source.firstSubRun: $((PROCESS + 1))",
        'physics.producers.generator.InputFileName: "$(cat input.list)"',
    ]


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        (
            "<recurtype>snapshot</recurtype>",
            'samweb create-definition todo "defname: base minus snapshot_for_project_name todo_%"',
        ),
        (
            "<recurtype>consumed</recurtype><recurlimit>9</recurlimit>",
            'samweb create-definition todo "defname: base minus (project_name todo_% and '
            'consumed_status consumed) with limit 9"',
        ),
        (
            "<recurtype>child</recurtype><datatier>raw</datatier>",
            'samweb create-definition todo "defname: base minus isparentof: ( file_type FILE_TYPE '
            "and data_tier raw and version v09_81_00 and application s and availability: "
            'anylocation )"',
        ),
    ],
)
def test_a_draining_dataset_is_defined_by_hand(settings: str, command: str) -> None:
    converted = convert(f"<inputdef>base</inputdef><recurdef>todo</recurdef>{settings}")
    assert converted["submit", "dataset"] == "todo"
    assert command in [finding.advice for finding in converted.findings]


@pytest.mark.parametrize(
    ("setting", "fate"),
    [
        ("<prestart>1</prestart>", "by-design"),
        ("<filelistdef>1</filelistdef>", "by-design"),
        ("<pubsinput>0</pubsinput>", "by-design"),
        ("<singlerun>1</singlerun>", "manual"),
        ("<singlerun>0</singlerun>", "by-design"),
        ("<activebase>x</activebase>", "manual"),
        ("<dropboxwait>0.5</dropboxwait>", "manual"),
        ("<mixinputdef>x</mixinputdef>", "unsupported"),
        ("<prestagefraction>0.95</prestagefraction>", "derived"),
        ("<inputmode>odd</inputmode>", "invalid"),
    ],
)
def test_strategies(setting: str, fate: str) -> None:
    converted = convert(f"<inputdef>raw</inputdef>{setting}")
    assert converted.fate("stage/" + setting[1 : setting.index(">")]) == fate
    if "prestagefraction" in setting:
        assert converted["submit", "dd-percentage"] == "95"


def test_the_next_project_reads_the_last_stage_of_the_one_before() -> None:
    second = xml("<numjobs>1</numjobs>", name="q").decode()
    first = xml("<defname>made</defname>").decode()
    converted = Converted(f"<job>{first}{second}</job>".encode())
    assert converted.conversion.campaigns[1].project == "q"
    assert "sam_dataset = made" in converted.conversion.campaigns[1].cfg


def test_a_list_that_is_called_as_ours_would_be_does_not_take_the_place_of_the_share() -> None:
    """All files that come along are copied to where lar runs, the whole list among them."""
    scripted = "<initscript>/exp/dune/init.sh</initscript>"
    one = convert(f"<inputlist>/exp/dune/input.list</inputlist>{scripted}")
    assert "-S share.list" in one.arguments
    assert any(line.endswith("> share.list; fi") for line in one.prescripts)
    other = convert(f"<inputlist>/exp/dune/my.list</inputlist>{scripted}")
    assert "-S input.list" in other.arguments


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("<previousstage>none</previousstage>", True),
        ("", False),
        ("<previousstage>none</previousstage><inputstream>x</inputstream>", True),
        ("<inputdef>d</inputdef>", False),
    ],
)
def test_a_previous_stage_that_is_none_is_told_of_where_nothing_is_read(
    first: str, said: bool
) -> None:
    assert ("X2P401" in Converted(xml(first)).codes) is said
    later = stage("t", "<previousstage>s</previousstage>")
    assert ("X2P401" in Converted(xml(first, "", later)).codes) is said


def test_the_name_of_a_list_may_have_a_variable_of_the_job() -> None:
    converted = convert("<inputlist>/pnfs/dune/$PART.list</inputlist><numjobs>2</numjobs>")
    assert converted.prescripts[0] == "numfiles=$(grep -c '' < $CONDOR_DIR_INPUT/$PART.list)"
