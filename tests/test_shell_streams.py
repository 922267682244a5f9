"""Where the commands of a script read from and write to, as bash has it; what nobody can know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_shell import test_as_bash as as_bash
from tests.test_shell_bounds import followed

# ruff: noqa: E501
SCRIPTS = [
    # Streams, in the order in which they are redirected.
    "f() { echo out; echo err >&2; }; f > o 2>&1; cat o; f 2>&1 > p | cat; cat p; { f; } 2>&1 | cat",
    "f() { echo out; echo err >&2; } 2> e; f > o; cat e o; (f) > o 2>&1; cat o; f 2> /dev/null > /dev/null",
    "echo a > o > p; cat o p; echo b 3> q >&3; cat q; echo c > o 2>&1 >> p; cat o p; echo d >&4; echo $?",
    "echo a > f; : 2> f; cat f; false > f; echo $?; echo b >> f; > f; cat f; echo c 1> f; cat f",
    "echo a > none/f; echo $?; { echo b; } > none/f; echo $?; mkdir d; echo c > d; echo $?; echo d > e > none/f; ls",
    "X='a b'; echo c > $X; echo $?; echo a > f; cat $(echo f) < none; echo $?; echo x > '*'; echo y > *; ls; cat *",
    "exec > o; echo a; echo b >&2; exec 2>&1; echo c >&2; if true; then exec > p; fi; echo d",
    "echo a > f; exec < f; read x; echo $x; f() { exec > q; }; f; echo late; (exec > r; echo r)",
    "echo a > f; echo b >> f; { read x; cat; } < f; echo $x; x=$(<f); echo $x; x=$( < f cat ); echo $x",
    # Each command of a pipe, and what is put in, is a shell of its own.
    "printf 'a\\nb\\n' | while read x; do n=$n$x; done; echo \"<$n>\"; echo a | read y; echo \"<$y>\"; x=1 | x=2; echo $x",
    "x=1; echo a | { x=2; cat; }; echo $x; set -- a b; echo c | shift; echo $#; (shift; set -- q w e); echo $#",
    "echo a | exit 3; echo $?; (exit 4) | true; echo $?; x=$(exit 5); echo $?; f() { echo | return 6; }; f; echo $?",
    "x=$(cd /; echo in); mkdir d; (cd d) | cd d; ls; f() { echo 1; }; echo | f() { echo 2; }; f",
    "(echo $((1/0)); echo no); echo $?; x=$(echo $((1/0)); echo no); echo \"<$x>\"; echo $((1/0)); echo no",
    # What is read: to its end, with the last line's end or without.
    "printf 'a\\nb' | while read x; do echo $x; done; printf 'a\\nb' | { read x; echo $?; read x; echo $?$x; read x; echo $?$x; }",
    "read -r a b <<< ' x  y\\z w '; echo \"$a|$b|\"; read <<< ' q '; echo \"<$REPLY>\"; read a < /dev/null; echo $?",
    "printf 'a\\nb\\nc\\n' > f; while read x; do echo $x; cat > g; done < f; cat g; while read x; do y=$(cat); done < f; echo $y",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_streams_as_they_are(script: str, tmp_path: Path) -> None:
    as_bash(script, tmp_path)


@pytest.mark.parametrize(
    ("script", "events"),
    [
        # What a program writes,
        ("x=$(samweb count); echo $x", ["run samweb count", "shell x=$(samweb count)"]),
        ("samweb list | grep -c root", ["run samweb list", "shell samweb list | grep -c root"]),
        ("lar > o; [ -s o ]; cp o p; cat p", ["run lar", "shell [ -s o ]"]),
        ("lar > o; wc -l o > n; read x < n", ["run lar", "shell read x < n"]),
        ("lar 2> e | tee o", ["run lar", "run tee o"]),
        # the words of an error,
        ("cat none 2> e; grep -q No e", ["shell grep -q No e"]),
        ("x=$(rm none 2>&1)", ["shell x=$(rm none 2>&1)"]),
        ("{ [ a -gt 1 ]; } 2>&1 | grep -q a", ["shell { [ a -gt 1 ]; } 2>&1 | grep -q a"]),
        # and what comes in from outside.
        ("read x; echo $x", ["shell read x"]),
        ("while read x; do echo $x; done; :", ["shell while read x; do echo $x; done"]),
        ("cat > f; grep a f", ["shell grep a f"]),
        ("cat /dev/stdin /proc/cpuinfo", ["shell cat /dev/stdin /proc/cpuinfo"]),
        ("if sed s/a/b/ f; then lar; fi", ["shell if sed s/a/b/ f; then lar; fi"]),
        ("x=$(sed s/a/b/ f)", ["shell x=$(sed s/a/b/ f)"]),
        ("{ echo a; sed s/a/b/ f; } > g; grep a g", ["shell sed s/a/b/ f", "shell grep a g"]),
    ],
)
def test_what_nobody_here_knows_is_not_taken_for_nothing(script: str, events: list[str]) -> None:
    world, _ = followed(script)
    assert [str(event) for event in world.events] == events


@pytest.mark.parametrize(
    "script",
    [
        "while read x; do echo $x >> f; done < f",
        "while read x; do cp g f; done < f",
        "sort < f > f",
        "cat f >> f",
        "{ cat f; } > f",
        "{ echo a; echo bb > f; echo c; } > f",
        "{ echo a; rm f; echo b; } > f",
        "echo a >&-",
        "cat 3< f",
        "cat < d",
        "echo a > $(lar)/f",
    ],
)
def test_a_file_that_several_have_open_is_not_followed(script: str) -> None:
    world, _ = followed(f"mkdir d; echo a > f; echo b > g; {script}")
    assert "shell" in {event.kind for event in world.events}
