"""Paths of the one who launches, areas that are gone, outputs outside of /pnfs."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.conversion import convert_bytes
from converter.profiles import EXPERIMENTS, profile
from tests.projects import GEN, convert, xml


@pytest.mark.parametrize(
    ("stage", "project", "code"),
    [
        ("<inputlist>path/to/list</inputlist>", "", "X2P410"),
        ("<inputlist>my.list</inputlist>", "", "X2P410"),
        ("<inputlist>./my.list</inputlist>", "", "X2P410"),
        ("<jobsub>-f my.db</jobsub>", "", "X2P430"),
        ("<jobsub>-f dropbox://my.db</jobsub>", "", "X2P430"),
        ("<jobsub>--tar_file_name=tardir://local</jobsub>", "", "X2P431"),
        ("<initscript>scripts/init.sh a</initscript>", "", "X2P430"),
        ("<initsource>./init.sh</initsource>", "", "X2P430"),
        ("<endscript>./end.sh</endscript>", "", "X2P430"),
        ("<submitscript>./check.sh</submitscript>", "", "X2P431"),
        ("", "<fcldir>fcl</fcldir>", "X2P431"),
        ("<inputfile>a.root</inputfile>", "", "X2P430"),
    ],
)
def test_relative_paths_mean_another_folder(stage: str, project: str, code: str) -> None:
    (finding,) = [f for f in convert(stage, project).findings if f.code == code]
    assert finding.level == "do"
    assert "full path" in (finding.advice or "")


@pytest.mark.parametrize(
    "stage",
    [
        "<inputlist>/pnfs/dune/l.list</inputlist>",
        "<initscript>init.sh</initscript>",
        "<jobsub>-f $UPLOADS/x.db -f dropbox:///exp/dune/x.db</jobsub>",
    ],
)
def test_other_paths_have_no_finding(stage: str) -> None:
    assert not convert(stage).codes & {"X2P410", "X2P430", "X2P431", "X2P432"}


def test_what_is_relative_is_uploaded() -> None:
    steps = convert("<inputlist>to/a.list</inputlist><jobsub>-f b.db</jobsub>").conversion.report
    commands = [step.command or "" for step in steps.checklist]
    assert any(command.endswith(" to/a.list") for command in commands)
    assert any(command.endswith(" b.db") for command in commands)


@pytest.mark.parametrize(
    ("stage", "project", "advice"),
    [
        (GEN.replace("gen.fcl", "/dune/app/users/me/a.fcl"), "", "/dune/app = /exp/dune/app"),
        ("<inputlist>/lbne/data/l</inputlist>", "", "/lbne/data = /exp/dune/data"),
        ("<initscript>/dune/app/i.sh</initscript>", "", "/dune/app = /exp/dune/app"),
        ("<logdir>/pnfs/lbne/log</logdir>", "", "/pnfs/lbne = /pnfs/dune"),
        ("<jobsub>-f /dune/data2/x</jobsub>", "", "/dune/data2 = /exp/dune/data"),
        ("", "<fcldir>/dune/app/fcl</fcldir>", "/dune/app = /exp/dune/app"),
    ],
)
def test_areas_that_are_gone(stage: str, project: str, advice: str, tmp_path: Path) -> None:
    (finding,) = [f for f in convert(stage, project).findings if f.code == "X2P432"]
    assert finding.level == "look"
    assert f"[paths] {advice}" in (finding.advice or "")
    # The advice, followed, is all that it takes.
    (tmp_path / "own").write_text(f"[paths]\n{advice}\n")
    own = str(tmp_path / "own")
    moved = convert_bytes(xml(stage, project), "p.xml", experiment="dune", own=own)
    codes = {f.code for f in moved.report.findings}
    assert "X2P432" not in codes
    assert "X2P230" in codes


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiments_profile_knows_what_is_gone(experiment: str) -> None:
    assert profile(experiment).gone[f"/{experiment}/app"] == f"/exp/{experiment}/app"


def test_output_outside_of_pnfs_is_to_be_looked_at() -> None:
    stage = GEN.replace("/pnfs/dune/o", "/exp/dune/data/o") + "<fcl>a.fcl</fcl>"
    (finding,) = [f for f in convert(stage).findings if f.code == "X2P609"]
    assert (finding.level, "/pnfs" in (finding.advice or "")) == ("look", True)


def test_a_directory_that_the_profile_has_moved_to_pnfs_is_there(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("[paths]\n/dune/data = /pnfs/dune/scratch\n")
    data = xml().replace(b"/pnfs/dune/o<", b"/dune/data/o<")
    for moved, found in ((None, True), (str(own), False)):
        conversion = convert_bytes(data, "p.xml", experiment="dune", own=moved)
        codes = {finding.code for finding in conversion.report.findings}
        assert ("X2P609" in codes, "mkdir_p" in conversion.campaigns[0].cfg) == (found, found)
