"""Hooks: in project.py's order, and a failing one is the job's failure."""

from __future__ import annotations

from tests.projects import convert


def test_hooks_stand_around_lar() -> None:
    converted = convert(
        "<initscript>/x/init.sh --a b</initscript><initscript>check.sh</initscript>"
        "<initsource>/x/env.sh</initsource><endscript>/x/end.sh</endscript>"
    )
    assert converted["executable", "name"] == "./run_lar.sh"
    assert converted.heredoc("run_lar.sh") == [
        "#!/bin/bash",
        "./init.sh --a b || exit",
        "check.sh || exit",
        ". ./env.sh",
        'lar "$@" || exit',
        "./end.sh",
    ]
    assert converted.series("submit", "f") == [
        "dropbox:///x/init.sh",
        "dropbox:///x/env.sh",
        "dropbox:///x/end.sh",
    ]
    assert "cp $CONDOR_DIR_INPUT/* ." in converted.prescripts
    assert "X2P703" in converted.codes, "check.sh is looked for on PATH"


def test_hooks_of_a_substage_stand_around_it() -> None:
    converted = convert(
        "<fcl>a.fcl<endscript>/x/a.sh</endscript></fcl>"
        "<fcl>b.fcl<initsource>/x/b.sh</initsource></fcl>"
        "<outdir>/pnfs/o</outdir><workdir>/w</workdir><inputdef>d</inputdef>"
        "<output>o.root</output>"
    )
    assert converted.heredoc("run_lar.sh") == [
        "#!/bin/bash",
        'lar "$@" || exit',
        "./a.sh || exit",
        ". ./b.sh",
        "lar -c b.fcl --rethrow-default -o o1.root -n 100 -s o0.root || exit",
        "rm -f o0.root",
    ]


def test_finalization_scripts_run_only_with_check() -> None:
    without = convert("<finscript>/x/f.sh</finscript>")
    assert without.fate("stage/finscript") == "inert"
    assert without["executable", "name"] == "lar"
    checked = convert("<finscript>/x/f.sh</finscript><check>1</check>")
    assert checked.heredoc("run_lar.sh")[-1] == "./f.sh"
    assert "X2P701" in checked.codes


def test_a_submit_script_runs_before_the_launch() -> None:
    converted = convert("<submitscript>/x/quota.sh 20 $HOME</submitscript>")
    assert converted["prelaunch", "script"] == "/x/quota.sh 20 '$HOME'"
    assert "X2P704" in converted.codes


def test_a_stage_that_is_based_on_another_shares_its_hooks_with_it() -> None:
    # project.py appends to the list of the base stage itself.
    other = (
        '<stage name="t" base="s"><outdir>/pnfs/t</outdir><endscript>/x/late.sh</endscript></stage>'
    )
    converted = convert("<inputdef>d</inputdef><endscript>/x/first.sh</endscript>", "", other)
    assert converted.heredoc("run_lar.sh")[-2:] == ["./first.sh || exit", "./late.sh"]
