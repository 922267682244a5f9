"""What belongs to whom in a script, as in bash: variables, arguments, statuses, loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_shell import test_as_bash as as_bash
from tests.test_shell_bounds import followed

# ruff: noqa: E501
SCRIPTS = [
    # A function's own variables.
    "x=1; f() { local x=2 y; y=3; g; echo $x; }; g() { echo $x$y; x=4; }; f; echo \"$x<$y>\"",
    "x=1; f() { local x; echo \"<${x-unset}>\"; x=2; unset x; echo \"<${x-unset}>\"; }; f; echo $x; local y=1; echo $?",
    "x=1; f() { local x=$1; if [ $1 -lt 3 ]; then f $(($1+1)); fi; echo $x; }; f 0; echo $x",
    "f() { declare x=1; typeset y=2; export z=3; }; f; echo \"<$x$y$z>\"; declare q=1; echo $q",
    "export x=1; f() { local x=2; bash -c 'echo $x'; }; f; f() { local -x y=1; bash -c 'echo $y'; }; f; export -p | grep ' y='",
    "f() { local x=1; (local x=2; x=3; echo $x); echo $x; }; f; f() { local x=1; x=2; return 5; }; f; echo \"$?<$x>\"",
    # Variables of a command, and one after the other.
    "x=1; f() { echo $x; x=3; y=4; }; x=2 f; echo $x$y; y=5 read z <<< a; echo $y$z; x=6 eval 'echo $x'; echo $x",
    "x=1 y=$x; echo $y; a=1 b=${a}2 bash -c 'echo $a$b'; echo \"<$a>\"; v=1 export w=2; export -p | grep -c 'v=\\|w='",
    "X='a b'; export y=$X z=\"$X c\"; echo \"$y|$z\"; f() { local q=$X; echo \"$q\"; }; f; e='x=1 w'; export $e; echo $x",
    # Statuses.
    "false; case a in a) echo $?;; esac; false; case a in b) ;; esac; echo $?; case a in a) ;; esac; echo $?",
    "false; for i in 1; do echo $?; done; for i in; do :; done; echo $?; if false; then :; else echo $?; fi",
    "i=0; while [ $i -lt 2 ]; do i=$((i+1)); false; done; echo $?; while false; do :; done; echo $?; until true; do :; done; echo $?",
    "false; x='$('; echo $?; x=$(false) y=1; echo $?; false; eval; echo $?; echo > e; false; . ./e; echo $?; $(false); echo $?",
    # Loops.
    "for i in 1 2; do (break; echo in); echo $?; done; f() { break; echo $?; }; for i in 1 2; do f; done; break; echo $?",
    "for i in 1 2 3; do for j in 1 2; do break; done; [ $i = 2 ] && continue; echo $i; done; echo $?",
    "echo 'break' > b; for i in 1 2; do . ./b; echo no; done; echo $i; for i in 1 2; do eval continue; echo no; done; echo $i",
    # Arguments.
    "set -- a b; echo 'shift; echo $#' > s; . ./s; echo $#; . ./s x y; echo $#; f() { shift; set -- q w e; }; f a; echo $#",
    "unset -f f; f() { echo f; }; unset f; f=1; f() { echo g; }; unset f; f; unset -f f; unset -v none; echo \"<$f>\"; bash -c 'echo $0 $1' n m",
    # Folders.
    "mkdir -p d/e; cd d; echo a > f; cd e; ls ..; cat ../f; cd ../..; ls; cd none; echo $?; cd d/f; echo $?; cd ''; ls",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_scopes_as_they_are(script: str, tmp_path: Path) -> None:
    as_bash(script, tmp_path)


def test_where_the_script_is_has_a_variable() -> None:
    _, shell = followed("mkdir d; cd d; [ $PWD = $(pwd) ]; echo $?")
    assert shell.out.text == "0\n"


@pytest.mark.parametrize(
    "script",
    [
        *("echo $RANDOM", "echo $((RANDOM % 2))", "x=$HOSTNAME", "echo ${UID}", "cd -", "echo $-"),
        *("return 1", "x=a:~/b", "echo ~root", "export p=~/x:~/y", "echo ${@#a}", "cd a b"),
    ],
)
def test_what_only_bash_knows_is_not_guessed(script: str) -> None:
    world, _ = followed(script)
    assert [event.kind for event in world.events] == ["shell"]
