"""Both sides of a campaign compared: what is the same, what is announced, what nobody announced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from converter import profiles
from converter.conversion import experiment_of
from converter.errors import CfgError, UsageError, XmlError
from converter.files import beside
from converter.mapping.campaign import map_project
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.poms.factor import factor
from converter.poms.ini import write_ini
from converter.poms.reader import read_cfg, resolve, stage_names
from converter.poms.writer import write_cfg
from converter.profiles.user import with_file
from converter.projectpy.reader import read
from converter.shell.syntax import RESERVED
from converter.verify.art import OTHER_PROGRAMS
from converter.verify.node import FOLLOWED
from converter.verify.verification import (
    ANNOUNCED,
    SAME,
    UNANNOUNCED,
    WORST_FIRST,
    Verification,
)
from tests import golden
from tests.projects import Converted, stage, verify, xml
from tests.strategies import PLAIN, documents
from tests.test_shell_bounds import calls_of

OUT = "<outdir>/pnfs/dune/o</outdir><workdir>/pnfs/dune/w</workdir>"

CFGS = sorted((golden.SAMPLES / "cfg").glob("*.cfg"))


def compared(cfg: Path, text: str | None = None, *, ini: bool = False) -> Verification:
    """A sample's campaign, or another text in its place, against the sample's XML."""
    source = golden.SAMPLES / "xml" / f"{cfg.stem.split('-')[0]}.xml"
    reading = read(source.read_bytes(), source.name)
    own = cfg.with_suffix(".ini")
    if not own.exists():
        # Projects that feed each other are one campaign.
        own = cfg.with_name(f"{cfg.stem.split('-')[0]}.ini")
    return verify(
        reading.projects,
        profiles.profile(experiment_of(reading)),
        text or cfg.read_text(),
        cfg=cfg.name,
        inis=[(own.name, own.read_text())] if ini else [],
        project=cfg.stem.partition("-")[2] or None,
        beside=partial(beside, cfg=str(cfg)),
    )


def check(cfg: str, body: str = "", *more: str, **options: object) -> Verification:
    """A small project against a campaign.cfg; `cfg` changes the converted one: OLD => NEW."""
    data = xml(body, "", *more)
    text = Converted(data).text
    if cfg:
        old, new = cfg.split(" => ")
        assert re.search(old, text), text
        text = re.sub(old, new, text)
    return verify(read(data).projects, profiles.profile("dune"), text, **options)


def verdicts(found: Verification) -> dict[str, str]:
    return {f.name: f.verdict for c in found.checks for f in c.fields if f.verdict != SAME}


@pytest.mark.parametrize("cfg", CFGS, ids=lambda p: p.stem)
def test_samples_are_announced_in_full(cfg: Path) -> None:
    found = compared(cfg)
    assert found.checks
    assert not found.missing
    assert found.verdict == ANNOUNCED, verdicts(found)
    launched = compared(cfg, ini=True)
    assert launched.verdict == ANNOUNCED, verdicts(launched)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (r"memory += .* => memory = 9GB", "memory"),
        (r"eventsperjob = 25 => eventsperjob = 26", "events in all"),
        (r"-n %\(eventsperjob\)s => -n 3", "substage 0 events"),
        (r"firstSubRun: \$\(\(PROCESS \+ 1 => firstSubRun: $((PROCESS + 2", "substage 0 fcl"),
        (r"addoutput = \*\.root => addoutput = *.art", "data files"),
        (r"rename += unique => hash = 2", "names"),
        (r"dunesw => lbnecode", "products"),
    ],
)
def test_a_changed_campaign_is_noticed(change: str, field: str) -> None:
    found = check(change, "<memory>2000</memory><numjobs>4</numjobs>")
    assert found.verdict == UNANNOUNCED
    assert verdicts(found)[field] == UNANNOUNCED


@pytest.mark.parametrize("name", [".", ".."])
@pytest.mark.parametrize("tag", ["inputlist", "initscript", "initsource", "endscript"])
def test_a_folder_in_place_of_a_file_is_no_error(tag: str, name: str) -> None:
    assert check("", f"<{tag}>{name}</{tag}>").checks


def test_of_a_variable_given_twice_the_last_value_counts_on_both_sides() -> None:
    found = check("", "<jobsub>-e A=9 -e A=10</jobsub>")
    assert found.verdict == ANNOUNCED, verdicts(found)


def test_of_very_many_jobs_the_first_ones_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converter.verify.verification._MOST_JOBS", 3)
    two = "<numjobs>9</numjobs>"
    few = check("", two)
    assert [c.process for c in few.checks] == [0, 8]
    many = check("", two, stage("t", two), stage("u", two), stage("v", two))
    assert [(c.stage, c.process) for c in many.checks] == [("s", 0), ("t", 0), ("u", 0)]
    assert (many.first_only, many.left) == (True, ("v",))
    named = check("", two, stage("t", two), stages=["s", "t"])
    assert (len(named.checks), named.first_only) == (4, False)


def test_what_a_finding_announces_does_not_excuse_another_value() -> None:
    """X2P224 says which image was taken, not that any image will do."""
    data = xml().replace(b"<os>sl7</os>", b"<os>SL7,SL6</os>")
    text = Converted(data).text
    facts = profiles.profile("dune")
    as_converted = verify(read(data).projects, facts, text)
    assert verdicts(as_converted)["container"] == ANNOUNCED
    other = verify(read(data).projects, facts, text.replace("fnal-wn-sl7", "fnal-wn-el8"))
    assert verdicts(other)["container"] == UNANNOUNCED


@pytest.mark.parametrize("name", ["sl7", "SL7", "sl7:latest", "fnal-wn-sl7:latest"])
def test_an_image_has_the_names_that_project_py_finds_it_by(name: str) -> None:
    data = xml().replace(b"<os>sl7</os>", f"<os>{name}</os>".encode())
    text = Converted(data).text
    assert re.search(r"singularity-image += .*/fnal-wn-sl7:latest", text)
    found = verify(read(data).projects, profiles.profile("dune"), text)
    assert not {"container", "refused"} & set(verdicts(found))


def test_a_campaign_may_do_what_project_py_does() -> None:
    """Where it is nearer to project.py than the conversion, there is nothing to announce."""
    found = check(
        r"name += lar => name = lar\nexe_stdout = larStage0.out\nexe_stderr = larStage0.err"
    )
    assert "substage 0 output to" not in verdicts(found)
    assert found.verdict == ANNOUNCED


def test_what_the_users_own_profile_says_is_announced(tmp_path: Path) -> None:
    own = tmp_path / "own.profile"
    own.write_text(
        "role = Production\n[env_pass]\nA = b\n[submit]\ndisk = 9GB\n"
        "[paths]\n/pnfs/dune/o = /pnfs/dune/scratch/o\n[containers]\nsl7 = /cvmfs/own\n"
    )
    facts = with_file(profiles.profile("dune"), str(own))
    projects = read(xml(project="<role>Analysis</role>")).projects
    text = write_cfg(factor(map_project(projects, 0, facts, "p.xml").config))
    found = verdicts(verify(projects, facts, text))
    assert "container" not in found
    for field in ("role", "environment", "disk", "data files", "log files"):
        assert found.pop(field) == ANNOUNCED
    assert UNANNOUNCED not in found.values()


def test_what_feeds_a_stage_has_to_be_declared() -> None:
    body = "<numjobs>2</numjobs>"
    assert check("", body, stage("next")).verdict == ANNOUNCED
    lost = check(r"add_location += True => hash = 0", body, stage("next"))
    assert verdicts(lost)["visible to the next stage"] == UNANNOUNCED


def test_what_is_no_art_file_is_not_handed_over_and_not_declared() -> None:
    body = "<numjobs>2</numjobs><datafiletypes>csv</datafiletypes>"
    found = check("", body, stage("next"))
    assert "handed over" not in verdicts(found)
    declared = check(r"addoutput += \*\.csv => addoutput = *.csv\ndeclare_metadata = True", body)
    assert verdicts(declared)["declared though no art file"] == UNANNOUNCED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (r"\nprescript_\d+ += export INPUT_TAR[^\n]* => ", "tarballs"),
        (r"find \$INPUT_TAR_DIR_LOCAL_1/ .* => true", "files at hand"),
        (r"for t in \*\.tar; do tar xf .*; done => true", "files at hand"),
        (r"PRODUCTS=\$INPUT_TAR_DIR_LOCAL_1: => PRODUCTS=$INPUT_TAR_DIR_LOCAL:", "setup"),
        (r"cp \$CONDOR_DIR_INPUT/\* \. => true", "names"),
    ],
)
def test_tarballs_and_files_that_come_along(change: str, field: str) -> None:
    body = (
        "<numjobs>2</numjobs><jobsub>--tar_file_name=dropbox:///x/a.tar -f /x/b.tar "
        "-f /x/c.root</jobsub>"
    )
    data = xml(body).replace(b"</larsoft>", b"<local>/x/release.tar</local></larsoft>")
    text = Converted(data).text
    facts = profiles.profile("dune")
    projects = read(data).projects
    assert verify(projects, facts, text).verdict == ANNOUNCED
    old, new = change.split(" => ")
    assert re.search(old, text), text
    assert verdicts(verify(projects, facts, re.sub(old, new, text)))[field] == UNANNOUNCED


@pytest.mark.parametrize("name", ["/x/..", "/x/.", "/x/"])
@pytest.mark.parametrize("tag", ["initscript", "initsource", "endscript", "inputlist"])
def test_a_folder_that_comes_along_is_no_file(tag: str, name: str) -> None:
    assert check("", f"<{tag}>{name}</{tag}>").checks


@pytest.mark.parametrize("option", ["-G lbne", "--dataset=x", "-N 5"])
def test_what_fife_launch_decides_is_announced(option: str) -> None:
    assert check("", f"<jobsub>{option}</jobsub>").verdict == ANNOUNCED


def test_stages_that_one_side_has_not() -> None:
    found = check(r"\[stage_s\] => [stage_t]")
    assert (found.missing, found.extra) == (("s",), ("t",))
    assert found.verdict == UNANNOUNCED


def test_a_stage_that_would_not_run_is_a_difference() -> None:
    (one, other) = check(
        r"ifdh_art +=.* => nonsense = 1", "<inputdef>d</inputdef><numjobs>2</numjobs>"
    ).checks
    assert one.verdict == UNANNOUNCED
    assert one.error is not None
    assert "--nonsense" in one.error.message
    assert (one.process, other.process) == (0, 1)


def test_stages_and_jobs_can_be_chosen() -> None:
    body = "<numjobs>9</numjobs>"
    found = check("", body, stage("next", body), stages=("next",), processes=(3, 5))
    assert [(c.stage, c.process) for c in found.checks] == [("next", 3), ("next", 5)]
    with pytest.raises(UsageError, match="no stage 'x'"):
        check("", body, stages=("x",))


def test_several_projects_are_told_apart_by_their_stages() -> None:
    one = golden.SAMPLES / "cfg" / "two_projects-twostep_reco.cfg"
    source = golden.SAMPLES / "xml" / "two_projects.xml"
    reading = read(source.read_bytes())
    facts = profiles.profile(experiment_of(reading))
    assert verify(reading.projects, facts, one.read_text()).project == "twostep_reco"
    with pytest.raises(UsageError, match="not clear"):
        verify(reading.projects, facts, "[global]\n[submit]\n[executable]\n")


def test_the_list_itself_is_read_where_it_is(tmp_path: Path) -> None:
    listed = tmp_path / "my.list"
    listed.write_text("".join(f"/pnfs/dune/{n}.root\n" for n in range(5)))
    body = f"<inputlist>{listed}</inputlist><numjobs>2</numjobs>"
    found = check("", body)
    files = [f.project for c in found.checks for f in c.fields if f.name == "input files"]
    assert files == [
        ("/pnfs/dune/0.root", "/pnfs/dune/1.root"),
        ("/pnfs/dune/2.root", "/pnfs/dune/3.root", "/pnfs/dune/4.root"),
    ]
    assert found.invented == ()
    listed.unlink()
    assert check("", body).invented == (str(listed),)


SCRIPTS = "<initsource>/x/a.sh</initsource><initsource>/x/model.pt</initsource>"


@pytest.mark.parametrize("jobs", [3, 2000])
def test_a_script_that_is_not_here_is_one_event(jobs: int) -> None:
    """Whatever its name: a list of files is what is read as one, not what is run."""
    body = f"<inputdef>d</inputdef><numjobs>{jobs}</numjobs>{SCRIPTS}"
    body += "<endscript>/x/done</endscript>"
    for one in check("", body).checks:
        fields = {f.name: f for f in one.fields}
        assert fields["order"].campaign == (
            "source a.sh", "source model.pt", "substage 0", "run done",
        )  # fmt: skip
        assert fields["order"].verdict == SAME
        assert [name for name in fields if name.startswith("when")] == [
            "when substage 0 fails", "when done fails",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "jobs", "most", "here", "shortened"),
    [
        (None, 2, 15_000, False, ("s",)),
        (100_000, 3, 0, True, ("s",)),
        (30_000, 30_000, 0, True, ()),
    ],
)
def test_of_a_long_share_of_a_list_the_ends_are_compared(
    tmp_path: Path, lines: int | None, jobs: int, most: int, here: bool, shortened: tuple[str, ...]
) -> None:
    listed = tmp_path / "my.list"
    if lines is not None:
        listed.write_text("".join(f"/pnfs/dune/{n}.root\n" for n in range(lines)))
    body = f"<inputlist>{listed}</inputlist><numjobs>{jobs}</numjobs>"
    body += f"<maxfilesperjob>{most}</maxfilesperjob>"
    found = check("", body)
    assert found.shortened == shortened
    assert (found.invented == ()) is here
    assert found.verdict == ANNOUNCED, verdicts(found)
    for one in found.checks:
        (files,) = [f for f in one.fields if f.name == "input files"]
        assert 0 < len(files.project) <= 100
    shifted = check(r"PROCESS \* numfiles => PROCESS * numfiles + 1", body)
    assert verdicts(shifted)["input files"] == UNANNOUNCED


HOOKS = "".join(
    f"<fcl>{n}.fcl<initsource>/x/i{n}.sh</initsource><endscript>/x/e{n}.sh</endscript></fcl>"
    for n in range(6)
)
HOOKS += "<outdir>/pnfs/dune/o</outdir><workdir>/w</workdir>"


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each of many programs took long to follow when it fails."""
    monkeypatch.setattr("converter.verify.verification._MOST_STEPS", 90)


ENDLESS = "while true; do :; done"


def calls_to_verify(tags: str, prescript: str = "") -> int:
    """The calls that a project of 30 such stages takes, perhaps with a further prescript."""
    data = xml(tags + OUT, "", *(stage(f"s{n}", tags + OUT) for n in range(29)))
    projects, facts = read(data).projects, profiles.profile("dune")
    text = write_cfg(factor(map_project(projects, 0, facts, "x.xml").config))
    text = text.replace("[job_setup]\n", f"[job_setup]\nprescript_9 = {prescript}\n", 1)
    return calls_of(lambda: verify(projects, facts, text))


@pytest.mark.parametrize(
    ("tags", "prescript"),
    [
        (f"<fcl>a.fcl</fcl><initscript>{ENDLESS}</initscript>", ""),
        (f"<fcl>a.fcl<exe>$({ENDLESS})</exe></fcl>", ""),
        (f"<fcl>a.fcl<output>$({ENDLESS})</output></fcl>", ""),
        ("<fcl>a.fcl</fcl>", ENDLESS),
        ("<fcl>a.fcl</fcl>", "while true; do lar$i; i=$((i+1)); done"),
        ("<fcl>a.fcl</fcl>", "for i in $(seq 3000); do a=$i; done"),
    ],
)
def test_stages_without_an_end_take_little_longer_for_it(tags: str, prescript: str) -> None:
    assert calls_to_verify(tags, prescript) < 12 * calls_to_verify("<fcl>a.fcl</fcl>")


def test_of_very_many_programs_it_is_not_followed_what_becomes_of_each() -> None:
    data = xml()
    cfg = Converted(data).text
    many = "prescript_9 = for i in $(seq 1 3000); do lar$i; done"
    found = verify(
        read(data).projects,
        profiles.profile("dune"),
        cfg.replace("[job_setup]\n", f"[job_setup]\n{many}\n", 1),
    )
    values = {f.name: f.campaign for f in found.checks[0].fields}
    assert values["when others fail"] == "not followed: 2800 programs"
    assert sum(name.startswith("when ") for name in values) < 210


def test_very_many_hooks_are_no_difference() -> None:
    many = "".join(f"<fcl>f{k}.fcl<endscript>/a/e{k}.sh</endscript></fcl>" for k in range(210))
    found = check("", many + OUT)
    assert found.verdict != UNANNOUNCED
    assert {"when others fail", "when e205.sh fails"} <= set(found.open["s"])


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/tty", "/", "/proc/self/mem"])
def test_what_is_no_list_of_files_is_not_read(name: str) -> None:
    found = check("", f"<inputlist>{name}</inputlist>")
    assert found.invented == (name,)


def test_a_line_without_an_end_is_no_list_of_files(tmp_path: Path) -> None:
    (tmp_path / "l.list").write_text("/pnfs/a.root\n" + "x" * (1 << 17))
    found = check("", f"<inputlist>{tmp_path}/l.list</inputlist>")
    assert found.invented == (f"{tmp_path}/l.list",)


def test_what_takes_too_long_is_named_and_is_no_difference(few_steps: None) -> None:
    found = check("", HOOKS)
    named = found.open["s"]
    compared = {f.name for c in found.checks for f in c.fields}
    assert "when substage 0 fails" in compared
    assert {"when substage 5 fails", "when e5.sh fails"} <= {*named}
    assert not compared & {*named}
    assert found.verdict == ANNOUNCED, verdicts(found)


def test_what_takes_too_long_in_the_changed_campaign_only_is_a_difference(few_steps: None) -> None:
    body = SCRIPTS + "<endscript>/x/done</endscript>"
    assert check("", body).open == {}
    found = check(f"= lar => = {'true; ' * 160}lar", body)
    assert found.open == {}
    assert verdicts(found)["when done fails"] == UNANNOUNCED


def test_what_is_not_followed_to_its_end_is_a_difference() -> None:
    body = SCRIPTS + "<endscript>/x/done</endscript>"
    found = check(r"(prescript_1 +=.*) => prescript_0 = while true; do ./x; done\n\1", body)
    assert verdicts(found)["when others fail"] == UNANNOUNCED


# -- with the campaign.ini --------------------------------------------------------------------


def with_ini(change: str, body: str = "", *more: str, launcher: str = FIFE_LAUNCH) -> Verification:
    data = xml(body, "", *more)
    projects = read(data).projects
    facts = profiles.profile("dune")
    mapped = map_project(projects, 0, facts, "p.xml", launcher=launcher)
    assert mapped.ini is not None
    ini = write_ini(mapped.ini)
    if change:
        old, new = change.split(" => ")
        assert re.search(old, ini), ini
        ini = re.sub(old, new, ini)
    text = write_cfg(factor(mapped.config))
    return verify(projects, facts, text, inis=[("c.ini", ini)])


def test_a_dataset_that_poms_is_not_given_is_announced() -> None:
    found = with_ini("", "<inputdef>a b</inputdef><maxfilesperjob>2</maxfilesperjob>")
    assert found.verdict == ANNOUNCED, verdicts(found)
    assert verdicts(found)["dataset in POMS"] == verdicts(found)["split"] == ANNOUNCED


def test_a_stage_that_takes_its_base_stage_for_what_it_reads_need_not_drain_it() -> None:
    """project.py makes the draining definition for a recursive stage only."""
    recur = "<recurdef>r</recurdef><recurtype>snapshot</recurtype><recurlimit>9</recurlimit>"
    later = '<stage name="t" base="s"><recur>0</recur></stage>'
    found = with_ini("", "<inputdef>raw</inputdef>" + recur, later)
    split = {c.stage: f.project for c in found.checks for f in c.fields if f.name == "split"}
    assert split == {"s": "drainingn(9)", "t": ""}
    assert "split" not in verdicts(found)


@pytest.mark.parametrize(
    "body",
    [
        "<numjobs>100000000000000000000</numjobs>",
        "<inputdef>d</inputdef><maxfilesperjob>100000000000000000000</maxfilesperjob>",
        "<numjobs>10</numjobs><jobsub>--maxConcurrent=0</jobsub>",
        "<numjobs>10</numjobs><jobsub>--maxConcurrent=-1</jobsub>",
    ],
)
def test_numbers_that_a_reader_does_not_take_are_the_same_on_both_sides_or_said(body: str) -> None:
    assert UNANNOUNCED not in verdicts(with_ini("", body)).values()


@pytest.mark.parametrize("jobs", ["", "<numjobs>2</numjobs><maxfilesperjob>3</maxfilesperjob>"])
def test_what_is_no_name_of_a_dataset_is_not_given_to_poms_and_said(jobs: str) -> None:
    found = verdicts(with_ini("", "<inputdef>A NAME</inputdef>" + jobs))
    assert found["dataset in POMS"] == ANNOUNCED
    assert found.get("split") == (ANNOUNCED if jobs else None)
    assert UNANNOUNCED not in found.values()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (r"limitn\(6\) => limitn(9)", "split"),
        (r"dataset_or_split_data = d\b => dataset_or_split_data = e", "dataset in POMS"),
        (r"software_version = .* => software_version = v1", "version in POMS"),
        (r"vo_role = Analysis => vo_role = Production", "role in POMS"),
        (r"campaign_stage_1 = s => campaign_stage_1 = next", "waits for"),
        (r'\["--stage ", "next"\] => ["--stage ", "s"]', "launches"),
        (r"UPLOADS/campaign.cfg => UPLOADS/other.cfg", "launches"),
        (r'\["--stage ", "s"\] => ["--stage ", "s"], ["-Osubmit.N=", "77"]', "jobs"),
    ],
)
def test_a_changed_ini_is_noticed(change: str, field: str) -> None:
    body = "<inputdef>d</inputdef><numjobs>2</numjobs><maxfilesperjob>3</maxfilesperjob>"
    assert with_ini("", body, stage("next")).verdict == ANNOUNCED
    found = with_ini(change, body, stage("next"))
    assert verdicts(found)[field] == UNANNOUNCED


def test_an_ini_that_poms_would_refuse() -> None:
    with pytest.raises(CfgError, match="POMS would refuse it"):
        with_ini(r"\[campaign\] => [campaigns]")
    with pytest.raises(CfgError, match="POMS would refuse it"):
        with_ini(r'\["--stage ", "s"\] => ["--stage "')


def test_the_bridge_launches_no_campaign_cfg() -> None:
    (one,) = with_ini("", launcher=PROJECT_PY).checks
    assert one.error is not None
    assert "POMS launches project.py" in one.error.message


def test_a_short_name_of_histograms_hides_no_art_file() -> None:
    """`-T 0` beside an art file 00.root: grep would leave out both by a part of the name."""
    substages = "<fcl>a.fcl<output>0</output></fcl><fcl>b.fcl</fcl><fcl>c.fcl</fcl>"
    found = check("", substages + "<TFileName>0</TFileName>" + OUT)
    assert UNANNOUNCED not in verdicts(found).values()


def test_what_is_no_ending_is_dropped_for_the_next_stage_too() -> None:
    dropped = "<datafiletypes>100%</datafiletypes>"
    found = check("", dropped, stage("t"))
    assert verdicts(found)["visible to the next stage"] == ANNOUNCED


# -- laws -------------------------------------------------------------------------------------


LAW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@LAW
@given(documents(PLAIN))
def test_any_model_is_verified_without_an_unannounced_difference(data: bytes) -> None:
    try:
        projects = read(data).projects
    except XmlError:
        assume(False)
    # A hook or program that is called as a word of the shell would be that word.
    words = set(re.findall(r"\w+", data.decode()))
    assume(not words & ({*FOLLOWED, *RESERVED, *OTHER_PROGRAMS} - {"name"}))
    # A list that has the name of a script would be run line by line.
    lists = {name.rpartition(b"/")[2] for name in re.findall(rb"<inputlist>([^<]*)<", data)}
    scripts = re.findall(rb"<(?:init|end|fin)[a-z]*>([^<]*)<", data)
    assume(not lists & {name.rpartition(b"/")[2] for name in scripts})
    facts = profiles.profile("dune")
    for index, project in enumerate(projects):
        mapped = map_project(projects, index, facts, "x.xml")
        text = write_cfg(factor(mapped.config))
        assume(sum(p.name.value == project.name.value for p in projects) == 1)
        beside = mapped.config.scripts.get
        found = verify(projects, facts, text, project=project.name.value, beside=beside)
        assert [c.error for c in found.checks if c.verdict == UNANNOUNCED and c.error] == []
        assert {n: v for n, v in verdicts(found).items() if v == UNANNOUNCED} == {}


@LAW
@given(documents())
def test_any_document_at_all_is_compared(data: bytes) -> None:
    """Odd values may differ in ways of their own, but there is an answer."""
    try:
        projects = read(data).projects
    except XmlError:
        assume(False)
    facts = profiles.profile("dune")
    mapped = map_project(projects, 0, facts, "x.xml")
    text = write_cfg(factor(mapped.config))
    assume(len({p.name.value for p in projects}) == len(projects))
    beside = mapped.config.scripts.get
    found = verify(projects, facts, text, project=projects[0].name.value, beside=beside)
    assert found.checks


NO_EFFECT = (
    (r"(\w+\.)?declare_metadata = ", "fife_wrap declares as soon as there is an extractor"),
    (r"(\w+\.)?dest = .*PROCESS/\d+", "the same folder for every job of a small stage"),
    (r"resource-provides = ", "jobsub_lite goes by the site where one is given"),
    (r"prescript_\d+ = .*\bk=|prescript_\d+ = for f in", "other names of the job's own copies"),
    (r"prescript_\d+ = if \[ \$last -gt", "a job beyond the list, of which a small stage has none"),
    (r"prescript_\d+ = in=.*grep", "names of files that only the job knows"),
    (r"(\w+\.)?add_location = ", "project.py gives no location either; no stage reads the files"),
    (r"\w+ += override_me", "each stage sets it"),
)
"""Changes that no plan shows, and why."""


def changes(value: str) -> Iterator[str]:
    """A few changes of one value: a number, an end, a letter in the middle."""
    if value == "True":
        yield "False"
        return
    number = re.search(r"\d+", value)
    if number:
        yield value[: number.start()] + str(int(number.group()) + 1) + value[number.end() :]
    yield value + "x"
    if len(value) > 3:
        middle = len(value) // 2
        yield value[:middle] + "Q" + value[middle + 1 :]


def effective(text: str) -> object:
    """What each stage gets, or nothing where it is refused."""
    try:
        config = read_cfg(text, "c.cfg")
        return {name: resolve(config, name) for name in stage_names(config)}
    except Exception:
        return None


def unnoticed(cfg: Path, every: int) -> tuple[int, list[str]]:
    """Changes that were tried, and the lines of those that nobody noticed."""
    lines = cfg.read_text().split("\n")
    tried, missed, number = 0, [], 0
    for at, line in enumerate(lines):
        match = re.fullmatch(r"([\w.-]+\s*= )(.*)", line)
        if not match:
            continue
        for value in changes(match[2]):
            number += 1
            if number % every:
                continue
            tried += 1
            text = "\n".join([*lines[:at], match[1] + value, *lines[at + 1 :]])
            try:
                noticed = compared(cfg, text).verdict == UNANNOUNCED
            except (CfgError, UsageError):
                noticed = True
            if not noticed:
                missed.append(re.sub(r"\s+=", " =", line) + f"  -> {value}")
    return tried, missed


@pytest.mark.parametrize("cfg", CFGS, ids=lambda p: p.stem)
@pytest.mark.parametrize(
    "every", [pytest.param(23, id="some"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_a_change_of_any_value_is_noticed(cfg: Path, every: int) -> None:
    tried, missed = unnoticed(cfg, every)
    assert tried
    assert [
        line for line in missed if not any(re.match(pattern, line) for pattern, _ in NO_EFFECT)
    ] == []


@pytest.mark.long
def test_nineteen_of_twenty_changes_are_noticed() -> None:
    """Those of values that each stage sets again not counted: they have no effect at all."""
    tried = lost = 0
    for cfg in CFGS:
        number, missed = unnoticed(cfg, 1)
        idle = [line for line in missed if re.match(r"\w+ += override_me", line)]
        tried += number - len(idle)
        lost += len(missed) - len(idle)
    assert lost <= 0.05 * tried, (lost, tried)


# -- the report -------------------------------------------------------------------------------


def test_the_report_as_data(tmp_path: Path) -> None:
    from converter.verify.rendering import FORMATS, as_dict

    found = check(r"N += %\(numjobs\)s => N = 5", "<numjobs>4</numjobs>")
    data = json.loads(FORMATS[".json"](found, "1"))
    assert data == as_dict(found, "1")
    assert (data["format"], data["verdict"], data["project"]) == (1, UNANNOUNCED, "p")
    assert data["totals"] == {v: found.count(v) for v in WORST_FIRST}
    (jobs,) = [f for f in data["stages"][0]["fields"] if f["field"] == "jobs"]
    assert jobs == {
        "field": "jobs",
        "meaning": "number of jobs",
        "project": "4",
        "campaign": "5",
        "reordered": False,
        "verdict": UNANNOUNCED,
        "codes": [],
        "reason": "",
    }
    page = FORMATS[".txt"](found, "1")
    assert "jobs (nothing)\n    project.py    4\n    campaign.cfg  5\n" in page
