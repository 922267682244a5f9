"""The plans of both sides: what one job does, from the model and from a campaign.cfg."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter import profiles
from converter.errors import CfgError
from converter.findings.catalogue import CATALOGUE, announcing
from converter.poms.reader import read_cfg
from converter.projectpy.reader import read
from converter.verify.campaign.campaign import campaign_plan
from converter.verify.compare import differences
from converter.verify.plan import FIELDS, NO_SHARE, Circumstances, Plan
from converter.verify.project.projectpy import project_plan
from tests.projects import Converted, xml

CFG = """\
[global]
group = dune
release = v10
wrapper = file:///${FIFE_UTILS_DIR}/libexec/fife_wrap
[submit]
G = dune
N = 4
memory = 2GB
[job_setup]
source_1 = /cvmfs/x/setup.sh
setup_1 = dunesw %(release)s -q e26:prof
[executable]
name = lar
arg_1 = -c gen.fcl
arg_2 = -n 10
[job_output]
addoutput = *.root
dest = /pnfs/dune/out/${CLUSTER}_%(_process)s
[stage_gen]
submit.N = 7
"""


def campaign(text: str = CFG, stage: str = "gen", process: int = 2, **more: Any) -> Plan:
    files = more.pop("files", ())
    find = more.pop("find", lambda name: None)
    overrides = more.get("overrides", ())
    config = read_cfg(text, "c.cfg", overrides=overrides, find=find)
    return campaign_plan(
        config, stage, Circumstances(process, files), name="c.cfg", text=text, **more
    )


def changed(old: str, new: str) -> str:
    assert old in CFG
    return CFG.replace(old, new)


def project(stage: str = "", top: str = "", process: int = 2, *files: str) -> Plan:
    (one,) = read(xml(stage, top)).projects
    facts = profiles.profile("dune")
    return project_plan(one, one.stages[0], facts, Circumstances(process, files))


# -- from a campaign.cfg ----------------------------------------------------------------------


def test_a_campaign_is_followed_from_the_file_to_the_job() -> None:
    assert campaign().fields == {
        "group": "dune",
        "jobs": "7",
        "memory": "2048 MB",
        "disk": "10485760 KB",
        "expected lifetime": "28800 s",
        "usage model": "DEDICATED,OPPORTUNISTIC,OFFSITE",
        "container": "/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-el9:latest",
        "job name": "fife_wrap",
        "setup": ("source /cvmfs/x/setup.sh",),
        "products": ("dunesw v10 -q e26:prof",),
        "events in all": "70",
        "order": ("substage 0",),
        "substage 0 program": "lar",
        "substage 0 fcl": ('#include "gen.fcl"',),
        "substage 0 events": "10",
        "substage 0 other arguments": ("without --rethrow-default",),
        "substage 0 output to": "the job's log",
        "substage 0 errors to": "the job's log",
        "data files": ("*.root -> /pnfs/dune/out/CLUSTER_2",),
        "names": ("gen_art.root",),
        "when substage 0 fails": "the job ends, fails, nothing is kept",
    }


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("memory = 2GB", "memory = 1500", "memory", "1500 MB"),
        ("memory = 2GB", "disk = 2000", "disk", "2000 KB"),
        ("memory = 2GB", "expected-lifetime = medium", "expected lifetime", "28800 s"),
        ("memory = 2GB", "site = fermigrid", "usage model", "DEDICATED,OPPORTUNISTIC"),
        ("memory = 2GB", "onsite = True", "site", "FermiGrid"),
        ("memory = 2GB", "no-singularity = True", "container", "none"),
        (
            "memory = 2GB",
            "lines_1 = '+X=\"a b\"'\nlines_2 = '+SingularityImage=\\\"/cvmfs/i\\\"'",
            "container",
            "/cvmfs/i",
        ),
        ("memory = 2GB", "lines_1 = '+X=\"a b\"'", "condor lines", ('+X="a b"',)),
        ("memory = 2GB", "nfile = 3", "refused", ("--nfile 3: jobsub_lite does not know it",)),
        ("N = 4", "N = 4\nmail_on_error = True", "mail", "on error"),
        ("N = 4", "N = 4\nf_1 = dropbox:///x/a.txt", "files shipped", ("/x/a.txt",)),
        ("[job_setup]", "[env_pass]\nA = b c\n[job_setup]", "environment", ("A=b c",)),
        ("arg_2 = -n 10", "arg_2 = -n '$((PROCESS*2))'", "substage 0 events", "4"),
        ("arg_2 = -n 10", r"arg_2 = -o a_\$PROCESS.root", "substage 0 output file", "a_2.root"),
        ("arg_2 = -n 10", "arg_2 =\narg_3 = -T h.root", "names", ("gen_art.root", "h.root")),
        ("name = lar", "name = lar\nexe_stdout = a.out", "substage 0 output to", "a.out"),
        ("name = lar", "name = art.sh\napptainer = sl7", "substage 0 program", "apptainer"),
        ("wrapper = file:///${FIFE_UTILS_DIR}/libexec/fife_wrap", "wrapper = file:///x/w.sh",
         "worker script", "file:///x/w.sh"),
        ("[executable]", "prescript_1 = ./before.sh a\n[executable]", "order",
         ("run before.sh a", "substage 0")),
        ("[executable]", "prescript_1 = . ./env.sh\n[executable]", "order",
         ("source env.sh", "substage 0")),
        ("[executable]", "postscript_1 = ifdh mkdir_p /nashome/x\n[executable]", "folders",
         ("/nashome/x",)),
        ("[executable]", "export_1 = A=b\n[executable]", "setup",
         ("source /cvmfs/x/setup.sh", "A=b")),
        ("[executable]", "multifile = True\n[executable]", "worker", ("multifile: yes",)),
        ("addoutput = *.root", "addoutput = *.root\nrename = unique", "names",
         ("gen_art.root (made unique)",)),
        ("addoutput = *.root", "addoutput_1 = *.root\naddoutput_2 = a*.root", "data files",
         ("*.root -> /pnfs/dune/out/CLUSTER_2",)),
        ("addoutput = *.root", "addoutput = *.root\ndeclare_metadata = True\nmetadata_extractor = x",  # noqa: E501
         "declaration", ("by x",)),
        ("addoutput = *.root", "addoutput_1 = *.root\naddoutput_2 = gen*", "worker",
         ("output is lost: gen_art.root comes twice, or is a folder",)),
        ("[executable]", "prescript_1 = mkdir x.root\n[executable]", "worker",
         ("output is lost: x.root comes twice, or is a folder",)),
        ("[executable]", "inputfile = /x/\n[executable]", "worker", ("inputfile: /x/",)),
        ("N = 4", "N = 4\ndataset = ds", "SAM dataset", "ds"),
        ("[stage_gen]", "[prelaunch]\nscript = a.sh 'b c'\n[stage_gen]", "before the launch",
         ("a.sh b c",)),
    ],
)  # fmt: skip
def test_each_key_has_its_effect(old: str, new: str, field: str, value: object) -> None:
    assert campaign(changed(old, new)).fields.get(field) == value


def test_with_a_dataset_each_job_is_a_section_of_a_dag() -> None:
    text = changed("N = 4", "N = 4\ndataset = ds").replace(
        "[executable]", "ifdh_art = True\n[sam_consumer]\nlimit = 3\nappfamily = art\n[executable]"
    )
    fields = campaign(text, process=5).fields
    assert fields["SAM application"] == "art demo 1"
    assert fields["files per job"] == "3"
    assert fields["input files"] == ("what SAM delivers",)
    assert fields["data files"] == ("*.root -> /pnfs/dune/out/CLUSTER_5",)


def test_parents_includes_and_overrides() -> None:
    text = CFG + "[stage_b]\nparent = gen\nsubmit.memory = 4GB\n"
    assert campaign(text, "b").fields["jobs"] == "7"
    assert campaign(text, "b").fields["memory"] == "4096 MB"
    assert campaign(text, "b", overrides=["submit.N=9"]).fields["jobs"] == "9"
    assert campaign(text, "gen").fields["memory"] == "2048 MB"
    including = "[global]\nincludes = base.cfg\nrelease = v11\n[stage_c]\nsubmit.N = 2\n"
    files = {"base.cfg": CFG}
    plan = campaign(including, "c", find=files.get)
    # What is included comes later, and counts.
    assert (plan.fields["jobs"], plan.fields["products"]) == ("2", ("dunesw v10 -q e26:prof",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CFG + "[submit]\nN = 1\n", "a second section [submit]"),
        (changed("N = 4", "N = 4\nN = 5"), "[submit] N is given twice"),
        (changed("N = 4", "N 4"), "a line that is no KEY = VALUE"),
        ("N = 4\n" + CFG, "text before the first [section]"),
        (changed("release = v10", "release = %(x)s"), "uses %(x)s, which is not defined"),
        (changed("release = v10", "release = 100%"), "a percent sign alone"),
        (changed("dunesw %(release)s", "dunesw %(tag)s"), "uses %(tag)s, which is not defined"),
        (changed("submit.N = 7", "N = 7"), "[stage_gen] N: a stage sets section.key"),
        (CFG + "[DEFAULT]\nx = 1\n", "a stage sets section.key"),
        (changed("submit.N = 7", "prelaunch.script = x"), "the file has no section [prelaunch]"),
        (changed("[stage_gen]", "[stage_gen]\nparent = gen"), "is its own parent"),
        (changed("group = dune", "group = dune\nincludes = none.cfg"), "'none.cfg' is not found"),
        (
            CFG.replace("[stage_gen]", "[stage_gen]\nparent = p0,p0")
            + "".join(f"[stage_p{n}]\nparent = p{n + 1},p{n + 1}\n" for n in range(60)),
            "has more than 500 parents",
        ),
        (
            CFG.replace("[stage_gen]", "[stage_gen]\nparent = p0")
            + "".join(f"[stage_p{n}]\nparent = p{n + 1}\n" for n in range(2000)),
            "has more than 500 parents",
        ),
        (CFG + "[global_eval]\nx = 1+1\n", "[global_eval] runs Python"),
        (
            changed("[executable]", "[sam_consumer]\nlimit_1 = 2\n[executable]"),
            "has no such option",
        ),
        (changed("[executable]", "nonsense = 2\n[executable]"), "no such option: --nonsense"),
        (changed("/pnfs/dune/out/", "/pnfs/(x)/"), "the job's shell"),
        (
            changed("N = 4", "N = 4\nmemory_1 = %(empty)s").replace(
                "group = dune", "group = dune\nempty ="
            ),
            "expands to nothing",
        ),
    ],
)
def test_what_fife_launch_or_the_job_would_refuse(text: str, said: str) -> None:
    with pytest.raises(CfgError) as refused:
        campaign(text)
    assert said in refused.value.message
    assert refused.value.advice
    assert refused.value.file == "c.cfg"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (changed("release = v10", "release = %(x)s"), 3),
        (changed("N = 4", "N = 4\nN = 5"), 8),
        (changed("dunesw %(release)s", "dunesw %(tag)s"), 11),
        (changed("release = v10", "release = %(own)s\nown = %(x)s"), 3),
        (changed("submit.N = 7", "submit.N = %(tag)s"), 20),
        (changed("submit.N = 7", "N = 7"), 20),
        (changed("[executable]", "[sam_consumer]\nlimit_1 = 2\n[executable]"), 13),
    ],
)
def test_an_error_names_its_line(text: str, line: int) -> None:
    with pytest.raises(CfgError) as refused:
        campaign(text)
    assert refused.value.line == line


# -- from the model ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "top", "field", "value"),
    [
        ("<numjobs>4</numjobs>", "", "substage 0 events", "25"),
        ("<numjobs>3</numjobs><numevents>10</numevents>", "", "substage 0 events", "4"),
        ("<memory>3000</memory>", "", "memory", "3000 MB"),
        ("<disk>15GB</disk>", "", "disk", "15728640 KB"),
        ("<jobsub>--expected-lifetime=2h -e A=b</jobsub>", "", "expected lifetime", "7200 s"),
        ("", "", "container", "/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-sl7:latest"),
        ("<singularity>0</singularity>", "", "operating system", "sl7"),
        ("", "<role>Production</role>", "role", "Production"),
        ("<batchname>b</batchname>", "", "job name", "b"),
        ("<dirsize>2</dirsize><dirlevels>2</dirlevels>", "", "log files",
         ("log.tar of all but *.root -> /pnfs/dune/o/1/0/CLUSTER_2",)),
        ("<TFileName>h.root</TFileName><inputdef>d</inputdef>", "", "names",
         ("gen_art.root", "h.root (made unique)")),
        ("<inputdef>d</inputdef><maxfilesperjob>3</maxfilesperjob>", "", "files per job", "3"),
        ("<initscript>/x/i.sh a</initscript><endscript>e.sh</endscript>", "", "order",
         ("run i.sh a", "substage 0", "run e.sh")),
        ("<initscript>/x/i.sh a</initscript>", "", "when i.sh fails",
         "the job ends, fails, nothing is kept"),
        ("<args>-j 4 'a b'</args>", "", "substage 0 other arguments", None),
        ("<inputdef>raw</inputdef><targetsize>1000</targetsize>", "", "bytes per job", "1000"),
        ("<output>a_%tc.root</output>", "", "substage 0 output file", "a_%tc0.root"),
        ("<output>a_${PROCESS}.root</output>", "", "substage 0 output file", "a_20.root"),
        ("<check>1</check>", "", "declared to SAM", ("art files",)),
        ("<jobsub>--nfile=3</jobsub>", "", "refused", ("--nfile 3: jobsub_lite does not know it",)),
    ],
)  # fmt: skip
def test_project_py_does_what_its_settings_say(
    stage: str, top: str, field: str, value: object
) -> None:
    found = project(stage, top).fields.get(field)
    if value is None:
        assert found
    else:
        assert found == value


def test_the_fcl_of_project_py() -> None:
    fields = project(
        '<parameter name="MCName">x</parameter><runnumber>5</runnumber>', "<filetype>mc</filetype>"
    ).fields
    assert fields["substage 0 fcl"] == (
        '#include "gen.fcl"',
        'services.FileCatalogMetadata.applicationVersion: "v09_81_00"',
        'services.FileCatalogMetadata.fileType: "mc"',
        "services.FileCatalogMetadataDUNE: {",
        'MCName: "x"',
        'MCName: "x"',
        'StageName: "s"',
        "}",
        "services.TFileMetadataDUNE: @local::dune_tfile_metadata",
        "source.firstRun: 5",
        'physics.producers.generator.FluxCopyMethod: "IFDH"',
        "physics.producers.generator.MaxFluxFileMB: 500",
        "source.firstSubRun: 3",
    )


# -- laws -------------------------------------------------------------------------------------

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def both_sides(stage: str, jobs: int, *files: str) -> list[tuple[Plan, Plan]]:
    data = xml(stage)
    (one,) = read(data).projects
    config = read_cfg(Converted(data).text, "c.cfg")
    facts = profiles.profile("dune")
    found = []
    for process in range(jobs):
        job = Circumstances(process, files)
        theirs = project_plan(one, one.stages[0], facts, job)
        found.append((theirs, campaign_plan(config, "s", job)))
    return found


@SOME
@given(st.integers(1, 2000), st.integers(1, 9))
def test_the_events_of_all_jobs_add_up(events: int, jobs: int) -> None:
    """For any N and J, on both sides; 0 events are no -n for project.py."""
    stage = f"<numjobs>{jobs}</numjobs><numevents>{events}</numevents>"
    sides = both_sides(stage, jobs)
    for plans in zip(*sides):
        assert sum(int(plan.fields.get("substage 0 events", 0)) for plan in plans) == events
    for plan in (plan for plans in sides for plan in plans):
        assert plan.fields["events in all"] == str(events)
    subruns = [plan.fields["substage 0 fcl"][-1] for _, plan in sides]
    assert subruns == [f"source.firstSubRun: {n + 1}" for n in range(jobs)]


@SOME
@given(st.integers(0, 25), st.integers(1, 6), st.integers(0, 4))
def test_the_files_of_all_jobs_cover_the_list_once(files: int, jobs: int, most: int) -> None:
    """For any F, J and limit, on both sides: each file once, the same in each job."""
    names = [f"/pnfs/dune/d{n % 3}/file{n:02d}.root" for n in range(files)]
    stage = (
        f"<inputlist>/x/my.list</inputlist><numjobs>{jobs}</numjobs>"
        f"<maxfilesperjob>{most}</maxfilesperjob>"
    )
    sides = both_sides(stage, jobs, *names)
    covered: list[str] = []
    for theirs, ours in sides:
        assert theirs.fields["input files"] == ours.fields["input files"]
        covered += [f for f in ours.fields["input files"] if f != NO_SHARE]
    wanted = names[: most * jobs] if most else names
    assert sorted(covered) == sorted(wanted)


def test_plans_differ_where_their_fields_do() -> None:
    one = Plan("s", 0, {"jobs": "1", "order": ("a", "b"), "setup": ("x", "y"), "role": "R"})
    other = Plan("s", 0, {"jobs": "2", "order": ("b", "a"), "setup": ("y", "z"), "role": "R"})
    found = {d.field: (d.project, d.campaign, d.reordered) for d in differences(one, other)}
    assert found == {
        "jobs": ("1", "2", False),
        "order": (("a", "b"), ("b", "a"), True),
        "setup": (("x",), ("z",), False),
    }
    assert list(found) == sorted(found, key=list(FIELDS).index)


def test_findings_announce_fields_that_there_are() -> None:
    fields = [
        *FIELDS,
        *(f"substage 1 {x}" for x in ("reads", "events", "output to", "other arguments")),
        *("substage 0 fcl", "substage 0 other arguments"),
        *("when substage 1 fails", "when x.sh fails", "option --x"),
    ]
    for message in CATALOGUE.values():
        for pattern in message.announces:
            matched = [name for name in fields if re.fullmatch(pattern, name)]
            assert matched, (message.code, pattern)
            assert all(announcing(name, {message.code}) for name in matched)
