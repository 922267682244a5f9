"""The real workers keep the same files, and tell SAM of the same ones.

Endings of data files, with and without such a file, with and without validation: what
condor_lar.sh and validate_in_job.py of project.py's job do, fife_wrap does with the campaign.
"""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from converter.poms.reader import read_cfg
from converter.profiles import profile
from converter.projectpy.reader import read
from converter.verify.campaign.campaign import campaign_plan
from converter.verify.plan import Circumstances, Plan
from converter.verify.project.projectpy import project_plan
from tests import corpus, plans, programs
from tests.projects import Converted, xml

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]


class Both:
    """Job 1 of stage `s`, by the real workers and by the plans of either side."""

    def __init__(
        self, settings: str, folder: Path, *, local: Path | None = None, process: int = 1
    ) -> None:
        data = xml(f"<numjobs>4</numjobs>{settings}", "<filetype>mc</filetype>")
        if local:
            data = data.replace(b"</larsoft>", f"<local>{local}</local></larsoft>".encode())
        file = folder / "p.xml"
        file.write_bytes(data)
        self.data, self.converted = data, Converted(data)
        cfg = programs.put(self.converted.conversion.campaigns[0], folder)
        words = ["--stage", "s", "--process", str(process), "--experiment", "dune"]
        self.theirs = programs.worker("project", file, *words, "--any-os")
        self.ours = programs.worker("campaign", cfg, *words)
        self.job = Circumstances(process, user="oracle")

    def plans(self) -> tuple[Plan, Plan]:
        (project,) = read(self.data).projects
        facts = profile("dune")
        theirs = project_plan(project, project.stages[0], facts, self.job)
        config = read_cfg(self.converted.text, "c")
        scripts = self.converted.scripts
        return theirs, campaign_plan(config, "s", self.job, beside=scripts.get)


def kept(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Names, without what makes them unique, and folders of the files in storage."""
    assert not report["error"], report["error"]
    return {(re.sub(plans.UUID, "", one["name"]), one["dir"]) for one in report["copied_out"]}


def declared(report: dict[str, Any]) -> set[str]:
    return {re.sub(plans.UUID, "", one["file"]) for one in report["declared"]}


CHECK = "<check>1</check>"


@pytest.mark.parametrize(
    ("types", "along", "more"),
    [
        ("root", "t.root", CHECK),
        ("root", "t.csv", "<check>2</check>"),
        ("csv", "t.csv", CHECK),
        ("csv,h5", "t.root", CHECK),
        ("root,csv", "t.csv", CHECK),
        ("root,csv", "t.csv", CHECK + "<ana>1</ana><TFileName>h.root</TFileName>"),
        ("root", "", CHECK + "<TFileName>h.root</TFileName><output>%ifb_x.root</output>"),
        ("tar", "", ""),
    ],
)
def test_data_files(types: str, along: str, more: str, tmp_path: Path) -> None:
    sent = f"<jobsub>-f /pnfs/dune/x/{along}</jobsub>" if along else ""
    both = Both(
        f"<inputdef>d</inputdef><datafiletypes>{types}</datafiletypes>{more}{sent}", tmp_path
    )
    assert kept(both.theirs) == kept(both.ours)
    assert declared(both.theirs) == declared(both.ours)
    back = bool(along) and any(along.endswith(f".{ending}") for ending in types.split(","))
    assert bool({"X2P620", "X2P626"} & both.converted.codes) == back
    for plan, report in zip(both.plans(), (both.theirs, both.ours)):
        names = {name.removesuffix(" (made unique)") for name in plan.fields.get("names", ())}
        assert names == {name for name, _ in kept(report)} - {"log.tar"}
    # With nothing that it could validate project.py's job fails in the end.
    assert both.ours["status"] == 0
    assert both.theirs["status"] == 0 or "X2P622" in both.converted.codes


@pytest.mark.parametrize(
    "settings",
    [
        f"<inputdef>d</inputdef><numevents>{10**23}</numevents><nthreads>{2**63}</nthreads>",
        f"<numevents>{2**64 + 102}</numevents><dirsize>9</dirsize><dirlevels>{2**63}</dirlevels>",
        f"<inputfile>/pnfs/dune/f.root</inputfile><numevents>{-(2**63) - 1}</numevents>",
        f"<inputdef>d</inputdef><numevents>{2**63 - 1}</numevents><check>2</check>",
    ],
)
def test_numbers(settings: str, tmp_path: Path) -> None:
    """What a shell of 64 bits makes of them: no option, or another number."""
    both = Both(settings, tmp_path)
    assert not both.theirs["error"]
    wanted = ("-n", "--nthreads")

    def options(report: dict[str, Any]) -> list[list[str]]:
        return [o for exe in report["exes"] for o in exe["options"] if o[0] in wanted]

    assert options(both.theirs) == options(both.ours)
    assert kept(both.theirs) == kept(both.ours)
    for plan, report in zip(both.plans(), (both.theirs, both.ours)):
        assert plan.fields.get("substage 0 events", "") == dict(options(report)).get("-n", "")


def tarball(name: str, folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).write_text("x\n")
    path = folder / name
    with tarfile.open(path, "w") as tar:
        for file in files:
            tar.add(folder / file, arcname=file)
    return path


def test_tarballs(tmp_path: Path) -> None:
    """A script finds the same ones in the same variables, and the same files in its folder."""
    mine = tarball("mine.tar", tmp_path, "mine.csv", "mine.root")
    release = tarball("release.tar", tmp_path, "release.csv")
    alone = tarball("alone.tar", tmp_path, "alone.csv")
    script = tmp_path / "begin.sh"
    script.write_text(
        "#!/bin/bash\n"
        'touch "1_$(cd $INPUT_TAR_DIR_LOCAL_1; echo *.csv).csv" '
        '"2_$(cd $INPUT_TAR_DIR_LOCAL_2; echo *.csv).csv"\n'
    )
    script.chmod(0o755)
    jobsub = f"--tar_file_name=dropbox://{mine} -f {alone}"
    both = Both(
        f"<inputdef>d</inputdef><datafiletypes>root,csv</datafiletypes><jobsub>{jobsub}</jobsub>"
        f"<initscript>{script}</initscript>",
        tmp_path,
        local=release,
    )
    names = {name for name, _ in kept(both.theirs)}
    assert {"1_mine.csv.csv", "2_release.csv.csv"} <= names, names
    assert {"mine.csv", "mine.root", "alone.csv"} <= names
    assert "release.csv" not in names
    assert kept(both.theirs) == kept(both.ours)
    theirs, ours = (
        [line for line in plan.fields["tarballs"] if "DIR" in line] for plan in both.plans()
    )
    shared = [f"{mine} in $INPUT_TAR_DIR_LOCAL_1", f"{release} in $INPUT_TAR_DIR_LOCAL_2"]
    assert theirs == ["project.py's own files in $INPUT_TAR_DIR_LOCAL", *shared]
    assert ours == [f"{mine} in $INPUT_TAR_DIR_LOCAL", *shared]
