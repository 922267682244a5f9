"""What runs: arguments of lar, shares of events, chains of substages."""

from __future__ import annotations

import subprocess

import pytest

from tests.projects import convert

OUT = "<outdir>/pnfs/o</outdir><workdir>/w</workdir>"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ["-n 100"]),
        ("<output>x.root</output>", ["-o x0.root", "-n 100"]),
        ("<output>%ifb_x</output>", ["-o %ifb_x0.root", "-n 100"]),
        (
            "<output>x_${PROCESS}.root</output>",
            [r"-o x_\${JOBSUBJOBSECTION:-\$PROCESS}0.root", "-n 100"],
        ),
        ("<TFileName>h.root</TFileName>", ["-T h.root", "-n 100"]),
        (
            "<nthreads>2</nthreads><nschedules>3</nschedules>",
            ["-n 100", "--nthreads 2", "--nschedules 3"],
        ),
        ("<nthreads>1</nthreads>", ["-n 100"]),
        ("<args>--timing --trace</args>", ["-n 100", "--timing --trace"]),
        ("<numevents>0</numevents>", []),
        ("<numevents>-1</numevents><inputdef>d</inputdef>", ["-n -1"]),
        ("<numevents>-1</numevents><numjobs>3</numjobs>", []),
        ("<numevents>-6</numevents><numjobs>3</numjobs>", ["-n -2"]),
        ("<numjobs>10</numjobs>", ["-n 10"]),
        ("<numjobs>3</numjobs>", ["-n '$(((PROCESS+1)*100/3-PROCESS*100/3))'"]),
        ("<inputdef>d</inputdef><numjobs>3</numjobs>", ["-n 100"]),
    ],
)
def test_arguments(settings: str, expected: list[str]) -> None:
    arguments = convert(settings).arguments
    assert arguments[1] == "--rethrow-default"
    assert arguments[2:] == expected


@pytest.mark.parametrize(("events", "jobs"), [(100, 3), (7, 7), (10, 4), (1, 1), (5, 8)])
def test_the_shares_of_a_generator_add_up(events: int, jobs: int) -> None:
    converted = convert(f"<numevents>{events}</numevents><numjobs>{jobs}</numjobs>")
    argument = next(a for a in converted.arguments if a.startswith("-n"))
    total = 0
    for process in range(jobs):
        done = subprocess.run(
            ["bash", "-c", f"echo {argument[3:].strip(chr(39))}"],
            env={"PROCESS": str(process)},
            capture_output=True,
            text=True,
            check=True,
        )
        total += int(done.stdout)
    assert total == events
    assert ("X2P507" in converted.codes) is (events < jobs)


def test_no_share_of_a_negative_number() -> None:
    converted = convert("<numevents>-1</numevents><numjobs>3</numjobs>")
    assert "X2P510" in converted.codes
    assert "X2P510" not in convert("<numevents>-6</numevents><numjobs>3</numjobs>").codes


def test_another_executable() -> None:
    assert convert("<exe>art</exe>")["executable", "name"] == "art"


def test_a_chain_of_substages_is_a_script() -> None:
    converted = convert(
        "<fcl>a.fcl<output>a.root</output></fcl><fcl>b.fcl</fcl><fcl>c.fcl<exe>art</exe></fcl>"
        "<inputdef>d</inputdef><TFileName>h.root</TFileName><args>--trace</args>" + OUT
    )
    assert converted["executable", "name"] == "./run_lar.sh"
    newest = (
        "in=$(ls -t *.root | grep -Ev "
        "'celltree|hist|larlite|larcv|Supplemental|TGraphs|^h\\.root$' | head -n 1)"
    )
    assert converted.heredoc("run_lar.sh") == [
        "#!/bin/bash",
        'lar "$@" || exit',
        "lar -c b.fcl --rethrow-default -T h.root -n 100 --trace -s a0.root || exit",
        "rm -f a0.root",
        newest,
        "art -c c.fcl --rethrow-default -T h.root -n 100 --trace -s $in || exit",
        "rm -f $in",
    ]
    assert "X2P508" in converted.codes


def test_arguments_that_no_launch_can_carry_go_into_a_script() -> None:
    converted = convert('<args>--label "a$B"</args>')
    assert converted.heredoc("run_lar.sh")[1] == 'lar "$@" --label "a$B"'
    assert "X2P506" in converted.codes


def test_arguments_with_unmatched_quotes_are_invalid() -> None:
    converted = convert("<args>it's</args>")
    assert converted.fate("stage/args") == "invalid"
    script = "\n".join(converted.heredoc("run_lar.sh"))
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_the_outputs_of_a_chain_are_names_in_its_lines() -> None:
    substages = "".join(f"<fcl>{n}.fcl<output>{n}.root</output></fcl>" for n in "abc")
    converted = convert(OUT + substages)
    assert {k: converted.fate(f"fcl[{k}]/output") for k in (1, 2, 3)} == dict.fromkeys(
        (1, 2, 3), "derived"
    )
