"""What jobs ask for: units, limits, combinations, wherever they are given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.conversion import convert_bytes
from converter.poms.ini import read_ini
from converter.poms.request import asked, in_dag, kilobytes, refused_places, seconds
from converter.profiles import profile
from converter.projectpy.reader import read
from converter.report.markdown import as_markdown
from converter.report.model import Report
from converter.report.rendering import as_json, as_text
from converter.verify.verification import ANNOUNCED, SAME
from tests.projects import Converted, convert, verify, xml


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        ("disk", "20", 20),
        ("disk", "20GB", 20 * 1024**2),
        ("disk", "1.5mb", 1536),
        ("memory", "4000", 4000 * 1024),
        ("memory", "4GB", 4 * 1024**2),
        ("memory", "4g", None),
    ],
)
def test_sizes(option: str, text: str, expected: float | None) -> None:
    assert kilobytes(option, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("24", 24), ("24h", 86400), ("medium", 28800), ("1d", 86400), ("x", None)],
)
def test_times(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


TAG, OPTION = "<{tag}>{value}</{tag}>", "<jobsub>--{tag}={value}</jobsub>"


@pytest.mark.parametrize(
    ("lifetime", "odd"),
    [("599s", True), ("600s", False), ("10m", False), ("4d", False), ("345601s", True)],
)
def test_jobs_take_ten_minutes_to_four_days(lifetime: str, odd: bool) -> None:
    codes = convert(OPTION.format(tag="expected-lifetime", value=lifetime)).codes
    assert ("X2P240" in codes) is odd


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ("<disk>100000</disk>", "X2P221", "97.66 MB"),
        ("<jobsub>--disk=100000</jobsub>", "X2P221", "perhaps 100000MB"),
        ("<jobsub>--disk 20</jobsub>", "X2P221", "perhaps 20GB"),
        ("<disk>20MB</disk>", "X2P240", "20 MB"),
        ("<jobsub>--disk=20KB</jobsub>", "X2P240", "20 KB"),
        ("<memory>4</memory>", "X2P240", "4 MB"),
        ("<jobsub>--memory=4000GB</jobsub>", "X2P240", "3.906 TB"),
        ("<jobsub>--expected-lifetime=24</jobsub>", "X2P241", "perhaps 24h"),
        ("<jobsub>--expected-lifetime=999</jobsub>", "X2P241", "perhaps 999h"),
        ("<jobsub>--expected-lifetime=1000</jobsub>", "X2P241", "perhaps 1000m"),
        ("<jobsub>--expected-lifetime=5999</jobsub>", "X2P241", "perhaps 5999m"),
        ("<jobsub>--expected-lifetime=6000</jobsub>", "X2P241", "perhaps 6000s"),
        ("<jobsub>--expected-lifetime=86400</jobsub>", "X2P241", "24 h"),
        ("<jobsub>--timeout=8</jobsub>", "X2P241", "8 s"),
        ("<jobsub>--expected-lifetime=200h</jobsub>", "X2P240", "200 h"),
        ("<jobsub>--cpu=0</jobsub>", "X2P242", "0 cores"),
        ("<nthreads>4</nthreads>", "X2P243", "4 threads on 1"),
        ("<nthreads>4</nthreads><cpu>2</cpu>", "X2P243", "4 threads on 2"),
        ("<site>FNAL,UK_RAL</site><blacklist>UK_RAL</blacklist>", "X2P244", "UK_RAL"),
        ("<site>UK_RAL</site><jobsub>--blocklist=UK_RAL</jobsub>", "X2P244", "UK_RAL"),
        ("<jobsub>--site=UK_RAL --blacklist=UK_RAL</jobsub>", "X2P244", "UK_RAL"),
        ("<blacklist>FermiGrid</blacklist>", "X2P244", "FermiGrid"),
        ("<site>UK_RAL</site><jobsub>--onsite</jobsub>", "X2P244", "--onsite"),
        ("<site>FermiGrid</site><jobsub>--offsite</jobsub>", "X2P244", "--offsite"),
    ],
)
def test_requests_to_look_at(settings: str, code: str, words: str) -> None:
    (finding,) = [f for f in convert(settings).findings if f.code == code]
    assert finding.level == "look"
    assert words in f"{finding.message} {finding.advice}"
    assert finding.fate.value == ("invalid" if code in ("X2P242", "X2P244") else "mapped")


@pytest.mark.parametrize(
    "settings",
    [
        "<disk>20GB</disk><memory>4000</memory><cpu>4</cpu><nthreads>4</nthreads>",
        "<jobsub>--disk=100GB --memory=4GB --expected-lifetime=24h --timeout=long</jobsub>",
        "<site>FNAL</site><blacklist>UK_RAL</blacklist>",
        "<resource>OFFSITE</resource><blacklist>FermiGrid</blacklist>",
        "<numjobs>10000</numjobs>",
        "<disk>1GB</disk><memory>256</memory>",
        "<disk>1024GB</disk><memory>524288</memory>",
    ],
)
def test_usual_requests_have_no_finding(settings: str) -> None:
    codes = convert(settings).codes
    assert not codes & {"X2P221", *(f"X2P24{n}" for n in range(10))}


@pytest.mark.parametrize("request_", ["disk = 20", "memory = 2", "expected-lifetime = 24"])
def test_requests_of_the_profile_too(request_: str, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(f"[submit]\n{request_}\n")
    own = str(tmp_path / "own")
    conversion = convert_bytes(xml(), "p.xml", experiment="dune", own=own)
    assert {f.code for f in conversion.report.findings} & {"X2P221", "X2P240", "X2P241"}


@pytest.mark.parametrize(
    ("stage", "overrides", "split"),
    [
        (
            "<inputdef>d</inputdef><numjobs>20000</numjobs><maxfilesperjob>2</maxfilesperjob>",
            {"-Osubmit.N=": "10000"},
            "drainingn(20000)",
        ),
        ("<inputdef>d</inputdef><numjobs>20000</numjobs>", {"-Osubmit.N=": "10000"}, "None"),
        (
            "<inputdef>d</inputdef><numjobs>10000</numjobs><maxfilesperjob>2</maxfilesperjob>",
            {},
            "limitn(20000)",
        ),
    ],
)
def test_the_ini_splits_what_is_too_many(stage: str, overrides: dict[str, str], split: str) -> None:
    converted = convert(stage)
    planned = read_ini(converted.conversion.campaigns[0].ini).stages[0].values
    found = dict(json.loads(planned["param_overrides"]))
    assert {k: v for k, v in found.items() if k.startswith("-Osubmit")} == overrides
    assert planned["cs_split_type"] == split
    assert ("X2P245" in converted.codes) == bool(overrides)


def test_what_feeds_on_many_takes_more_files_in_each_of_fewer_jobs() -> None:
    many = "<numjobs>20000</numjobs>"
    from tests.projects import stage

    converted = convert(many, "", stage("t", many))
    planned = read_ini(converted.conversion.campaigns[0].ini).stages[1].values
    found = dict(json.loads(planned["param_overrides"]))
    assert (found["-Osubmit.N="], found["-Osam_consumer.limit="]) == ("10000", "2")


@pytest.mark.parametrize("stage", ["", "<inputlist>/pnfs/dune/l.list</inputlist>"])
def test_without_sam_a_person_has_to_split(stage: str) -> None:
    converted = convert(f"{stage}<numjobs>20001</numjobs>")
    (finding,) = [f for f in converted.findings if f.code == "X2P246"]
    assert finding.level == "do"
    assert "make 3 stages of stage 's', with <numjobs>6667</numjobs>" in (finding.advice or "")
    assert ("<numevents>34</numevents>" in (finding.advice or "")) == (not stage)


def test_an_image_has_to_be_named() -> None:
    bare = xml().replace(b"<os>sl7</os>", b"")
    assert "X2P320" in Converted(bare).codes
    assert "X2P320" not in Converted(xml()).codes
    assert "X2P321" in Converted(xml().replace(b"sl7", b"SL6")).codes


@pytest.mark.parametrize(("os", "key"), [("", "default"), ("<os>SL6</os>", "SL6")])
def test_the_profile_names_another_image(os: str, key: str, tmp_path: Path) -> None:
    data = xml().replace(b"<os>sl7</os>", os.encode())
    (tmp_path / "own").write_text(f"[containers]\n{key} = /cvmfs/my/image\n")
    conversion = convert_bytes(data, "p.xml", experiment="dune", own=str(tmp_path / "own"))
    assert "singularity-image = /cvmfs/my/image" in " ".join(conversion.campaigns[0].cfg.split())
    assert not {f.code for f in conversion.report.findings} & {"X2P320", "X2P321"}


LINES = "+FERMIHTC_AutoRelease=True\n+FERMIHTC_GraceMemory=1024"


@pytest.mark.parametrize("lines", [LINES, LINES.replace("\n", "\n   "), LINES.replace("\n", " ")])
@pytest.mark.parametrize("dag", ["", "<inputdef>d</inputdef><numjobs>3</numjobs>"])
def test_several_lines_for_condor_are_one_each(lines: str, dag: str) -> None:
    data = xml(f"{dag}<lines>{lines}</lines>")
    converted = Converted(data)
    assert converted.series("submit", "lines") == [
        "+FERMIHTC_AutoRelease=True",
        "+FERMIHTC_GraceMemory=1024",
    ]
    (finding,) = [f for f in converted.findings if f.code == "X2P248"]
    advice = "--lines=+FERMIHTC_AutoRelease=True --lines=+FERMIHTC_GraceMemory=1024"
    assert advice in (finding.advice or "")
    assert "X2P503" not in converted.codes
    found = verify(read(data).projects, profile("dune"), converted.text)
    assert found.verdict in (SAME, ANNOUNCED)
    # The advice gives the same, and is nothing to be looked at any more.
    advised = Converted(xml(f"{dag}<jobsub>{advice}</jobsub>"))
    assert advised.series("submit", "lines") == converted.series("submit", "lines")
    assert "X2P248" not in advised.codes


def test_one_line_with_blanks_stays_one() -> None:
    converted = convert('<lines>+A="x +B=y"</lines>')
    assert len(converted.series("submit", "lines")) == 1


@pytest.mark.parametrize(
    ("jobs", "most", "code"),
    [
        *((10, 50, "X2P247"), (10, 10, "X2P247"), (1, 1, "X2P247")),
        *((10, 9, "X2P213"), (10, 1, "X2P213"), (10, -1, "X2P213"), (10, 0, "X2P247")),
    ],
)
def test_jobs_at_a_time(jobs: int, most: int, code: str) -> None:
    settings = f"<numjobs>{jobs}</numjobs><jobsub>--maxConcurrent={most}</jobsub>"
    data = xml(settings)
    converted = Converted(data)
    assert {"X2P213", "X2P247"} & converted.codes == {code}
    assert in_dag(converted.sections["submit"]) == (code == "X2P213")
    last = verify(read(data).projects, profile("dune"), converted.text).checks[-1]
    assert last.verdict == ANNOUNCED
    fields = {f.name: f for f in last.fields}
    first = "1" if code == "X2P213" else str(jobs)
    assert f"source.firstSubRun: {first}" in fields["substage 0 fcl"].project
    assert fields["substage 0 fcl"].verdict == SAME
    assert ("jobs at a time" in fields) == (code == "X2P213")


@pytest.mark.parametrize(
    ("submit", "model", "refused"),
    [
        ({"site": "A,B", "blocklist": "B"}, "", True),
        ({"site": "A,B", "blocklist": "C"}, "", False),
        ({"blocklist": "FermiGrid"}, "DEDICATED,OPPORTUNISTIC", True),
        ({"blocklist": "FermiGrid"}, "DEDICATED,OFFSITE", False),
        ({"site": "fermigrid", "blocklist": "FermiGrid"}, "", True),
        ({"site": "A", "onsite": "True"}, "", True),
        ({"site": "FermiGrid", "onsite": "True"}, "", False),
    ],
)
def test_places_that_exclude_each_other(submit: dict[str, str], model: str, refused: bool) -> None:
    assert bool(refused_places(submit, model)) == refused


def test_what_a_job_asks_for_in_one_line() -> None:
    assert asked({}) == (
        "1 job, 2 GB of memory, 10 GB of disk, 1 core, up to 8 h, at any site, "
        "jobsub_lite's own image (el9)"
    )
    submit = {"N": "5", "memory": "4000MB", "disk": "100000", "cpu": "4", "gpu": "1"}
    submit |= {"expected-lifetime": "medium", "site": "A", "blocklist": "B", "OS": "SL7"}
    assert asked(submit) == (
        "5 jobs, 3.906 GB of memory, 97.66 MB of disk, 4 cores, 1 GPU, up to 8 h, at A, not at B, "
        "system SL7"
    )


def test_every_rendering_says_what_jobs_ask_for() -> None:
    from converter.report.html import as_html

    report = Report((convert("<memory>4096</memory>").conversion.report,))
    renderings = (as_text(report, ""), as_markdown(report, ""), as_json(report, ""))
    for text in (*renderings, as_html(report, "")):
        assert "1 job, 4 GB of memory, 10 GB of disk" in text
