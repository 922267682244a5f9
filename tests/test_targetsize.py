"""`<targetsize>`: jobs by the size of the input, where the sizes of files are known."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converter.cli import main
from converter.conversion import convert_bytes
from converter.findings.fates import Fate
from converter.findings.finding import Finding
from converter.poms.reader import read_cfg, resolve
from converter.profiles.sizes import FileSize, size_in, size_of
from converter.projectpy.reader import read
from converter.targetsize import with_sizes
from tests.projects import stage, xml

SUMMARY = "File count:\t40\nTotal size:\t10000000000\nEvent count:\t4000\n"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("250MB", FileSize(250e6)),
        (" 1.5 gb ", FileSize(1.5e9)),
        ("1024", FileSize(1024)),
        ("7B", FileSize(7)),
        (SUMMARY, FileSize(250e6, 40)),
        ("a.root 1 100 5\nb.root 2 300 5\n", FileSize(200, 2)),
    ],
)
def test_what_tells_a_size(text: str, size: FileSize) -> None:
    assert size_in(text) == size


@pytest.mark.parametrize("text", ["", "large", "5 XB", "0MB", "File count:\t0\nTotal size:\t0\n"])
def test_what_does_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"no size|at least one byte"):
        size_in(text)


def test_the_first_pattern_that_fits_counts() -> None:
    sizes = {"raw": FileSize(1), "r*": FileSize(2), "*": FileSize(3)}
    assert [size_of(name, sizes) for name in ("raw", "reco", "x")] == list(sizes.values())
    assert size_of("x", {"r*": FileSize(2)}) is None


# -- project.py's rule ------------------------------------------------------------------------


def _checkinput(count: int, total: int, target: int, jobs: int, limit: int) -> tuple[int, int]:
    """Jobs and files for a job, as stagedef.py computes them for a SAM dataset."""
    if 0 < limit * jobs < count:
        count, total = limit * jobs, total // count * limit * jobs
    new_jobs = min(max(math.ceil(total / target), 1), jobs)
    new_limit = math.ceil(target * count / total)
    if 0 < limit < new_limit:
        new_limit = limit
        new_jobs = min(max((count + limit - 1) // limit, 1), jobs)
    return new_jobs, new_limit


@example(count=229, mean=317, target=7244, jobs=11, limit=23)
@given(
    count=st.integers(1, 10**5),
    mean=st.integers(1, 10**10),
    target=st.integers(1, 10**11),
    jobs=st.integers(1, 10**4),
    limit=st.integers(0, 100).filter(lambda n: n != 1),
)
def test_a_dataset_is_shared_out_as_project_py_does(
    count: int, mean: int, target: int, jobs: int, limit: int
) -> None:
    inside = (
        f"<inputdef>raw</inputdef><numjobs>{jobs}</numjobs>"
        f"<maxfilesperjob>{limit}</maxfilesperjob><targetsize>{target}</targetsize>"
    )
    projects = with_sizes(read(xml(inside), "p.xml").projects, {"*": FileSize(mean, count)})
    (one,) = projects[0].stages
    found = one.numjobs.value, one.maxfilesperjob.value
    assert found == _checkinput(count, count * mean, target, jobs, limit)


@given(
    files=st.integers(1, 10**4),
    mean=st.integers(1, 10**10),
    target=st.integers(1, 10**11),
    jobs=st.integers(1, 10**4),
)
def test_the_files_of_a_stage_are_shared_out_as_a_list(
    files: int, mean: int, target: int, jobs: int
) -> None:
    inside = f"<numjobs>{jobs}</numjobs><targetsize>{target}</targetsize>"
    data = xml(f"<numjobs>{files}</numjobs>", "", stage("t", inside))
    projects = with_sizes(read(data, "p.xml").projects, {"*": FileSize(mean)})
    assert projects[0].stages[1].numjobs.value == min(max(files * mean // target, 1), jobs)


@pytest.mark.parametrize(
    "inside",
    [
        "<targetsize>5</targetsize>",
        "<inputfile>/pnfs/dune/a.root</inputfile><targetsize>5</targetsize>",
        "<inputdef>raw</inputdef><maxfilesperjob>1</maxfilesperjob><targetsize>5</targetsize>",
    ],
)
def test_where_project_py_ignores_it_nothing_is_lost(inside: str) -> None:
    report = convert_bytes(xml(inside), "p.xml").report
    fates = {s.path.rpartition("/")[2]: s.fate for s in report.settings}
    assert fates["targetsize"] is Fate.INERT


def test_of_a_list_the_number_of_files_has_to_be_known() -> None:
    inside = (
        "<inputlist>/pnfs/dune/l.list</inputlist><numjobs>50</numjobs>"
        "<targetsize>1000000000</targetsize>"
    )
    projects = read(xml(inside), "p.xml").projects
    assert with_sizes(projects, {"*": FileSize(250e6)}) == projects
    (one,) = with_sizes(projects, {"*": size_in(SUMMARY)})[0].stages
    assert one.numjobs.value == 10


# -- the campaign -----------------------------------------------------------------------------

MERGE = xml(
    "<numjobs>1000</numjobs><defname>made</defname>",
    "<ups>dunesw</ups>",
    stage("merge", "<numjobs>1000</numjobs><targetsize>8000000000</targetsize>"),
)


def _merge(size: FileSize | None) -> tuple[dict[str, dict[str, str]], dict[str, Finding]]:
    conversion = convert_bytes(MERGE, "p.xml", size=size)
    config = read_cfg(conversion.campaigns[0].cfg, "c.cfg")
    return resolve(config, "merge"), {f.code: f for f in conversion.report.findings}


def test_a_merging_stage_gets_fewer_jobs_with_more_files() -> None:
    sections, findings = _merge(FileSize(250e6))
    assert sections["submit"]["N"] == "31"
    assert sections["sam_consumer"]["limit"] == "33"
    assert sections["submit"]["n_files_per_job"] == "33"
    assert "X2P204" in findings
    assert "X2P202" not in findings


def test_without_a_size_the_finding_has_the_command_that_tells_it() -> None:
    sections, findings = _merge(None)
    assert sections["submit"]["N"] == "1000"
    assert "n_files_per_job" not in sections["submit"]
    advice = findings["X2P202"].advice or ""
    assert "samweb list-files --summary 'defname: made'" in advice
    assert "--file-size" in advice


def test_a_test_launch_is_one_job_all_the_same() -> None:
    ini = convert_bytes(MERGE, "p.xml", size=FileSize(250e6)).campaigns[0].ini
    assert '["-Osubmit.n_files_per_job=", "0"]' in ini


# -- the command line -------------------------------------------------------------------------


def _run(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return ended.value.code


@pytest.mark.parametrize("how", ["250MB", "summary", "profile"])
def test_where_the_size_comes_from(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.xml").write_bytes(MERGE)
    Path("summary").write_text(SUMMARY)
    Path("profile").write_text("[file_sizes]\nmade = 250MB\n")
    option = ("--profile", how) if how == "profile" else ("--file-size", how)
    assert _run("p.xml", "-o", "c.cfg", "-q", *option) == 0
    assert "submit.n_files_per_job = 33" in Path("c.cfg").read_text()
    assert _run("verify", "p.xml", "c.cfg", "--ini", "c.ini", "-q", *option) == 0
    assert _run("verify", "p.xml", "c.cfg", "-q") == 1
    assert _run("migrate", ".", "-o", "out", "-q", "-j", "1", *option) == 0
    assert _run("verify", "out", "-q", "-j", "1", *option) == 0


@pytest.mark.parametrize("size", ["large", "0MB", "nosuchfile"])
def test_what_is_no_size_is_said(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("p.xml", "-o", "c.cfg", "--file-size", size) == 2
    assert "--file-size" in capsys.readouterr().err


def test_what_a_job_takes_is_no_guess_any_more() -> None:
    assert "X2P417" in _merge(None)[1]
    assert not {"X2P407", "X2P417"} & set(_merge(FileSize(250e6))[1])
