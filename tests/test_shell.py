"""The shell that follows a job's scripts does what bash does, and touches nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.shell import Shell
from converter.shell.arithmetic import evaluate
from converter.shell.files import HOME
from converter.verify.node import node

VARIABLES = {"X": "a b", "N": "7", "EMPTY": "", "P": "/pnfs/x/f.root", "PATH": "/usr/bin:/bin"}

# ruff: noqa: E501
SCRIPTS = [
    'echo $X \'$X\' "$X" $EMPTY "$EMPTY" end',
    r"echo a\ b \$X \"q\" 'it'\''s' \\",
    "echo ${X} ${Y:-other} ${Y-other} ${EMPTY:-e} ${EMPTY-no} ${X:+set} ${Y:+set}.",
    "echo ${P#/pnfs/} ${P##*/} ${P%.root} ${P%%/*}. ${P/x/y} ${P//\\//:} ${#P} ${P:1:4}",
    "echo ${Z:=assigned} $Z",
    "echo $((N*3/2)) $((-7/2)) $((-7%3)) $((N>3?1:0)) $(( (N+1)*2 )) $((2**5)) $((N<<2))",
    "echo $(echo inner $(echo deep)) `echo back`",
    'a=1; b=$a$a; c="$a $b"; echo $c; echo $? ; false; echo $?',
    "false || echo or; true && echo and; ! false && echo not; false && echo never; echo $?",
    "if [ $N -gt 5 ]; then echo big; elif true; then echo elif; else echo small; fi",
    'if [ -z "$EMPTY" -a -n "$X" ]; then echo both; fi; [ a = b -o b = b ] && echo either',
    "for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done; echo done $i",
    'for i in $X c; do echo "<$i>"; done; for i in 1 2 3; do break; done; echo $i',
    "i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done; until [ $i = 0 ]; do i=0; done",
    "case $P in /pnfs/*) echo storage;; *) echo other;; esac; case b in a|b) echo ab;; esac",
    "f() { echo \"$1-$2-$#\"; return 3; }; f one 'two words'; echo $?",
    'g() { for x in "$@"; do echo "[$x]"; done; shift; echo $*; }; g \'a b\' c',
    "cat <<EOF\n$N \\$N $((N+1)) `echo x` \"q\" 'q'\nEOF\ncat <<'EOF'\n$N \\$N\nEOF\ncat <<-EOF\n\ttab\n\tEOF",
    "cat > f <<EOF\none\ntwo\nEOF\ncat >> f <<EOF\nthree\nEOF\ncat f; grep -c '' < f; wc -l < f",
    "echo one > f; echo two >> f; cat f; head -n 1 f; sed -n '2p' f; sed -n 1,2p f",
    "printf '%s\\n' a 'b c' > f; while read line; do echo \"<$line>\"; done < f",
    "mkdir in; echo x > in/a.root; echo y > in/b.root; ls in; echo in/*; echo in/*.txt; ls -1 in/*",
    "mkdir d; echo 1 > d/x; mv d/x d/y; cp d/y z; ls d; cat z; rm -f d/y none; ls d; rm none",
    "echo b > b; echo a > a; cat b a | sort; cat b a | sort -r | head -n 1; ls | grep -v a",
    "echo 'a b c' | awk '{print $2}'; basename /x/y.root; basename /x/y.root .root; dirname /x/y",
    "echo a,b | tr , ' '; echo a:b:c | cut -d: -f2; echo abc | cut -c1-2; seq 2 4; expr 2 + 3",
    "echo a 1>&2; echo b > /dev/null; echo c 2> err; (echo sub; exit 4); echo $?",
    "(cd /; N=8); echo $N; { echo grouped; } > f; cat f",
    "x='a   b'; echo $x \"$x\"; set -- ; echo $#",
    'echo "a\\"b" "\\$X" "\\a"; echo a#b # comment\necho next # more',
    "echo {a} a=b '' x\"\"y \"a\"'b'c",
    "cat > s.sh <<'EOF'\n#!/bin/bash\necho in script $1 $#\nexit 5\nEOF\nchmod +x s.sh\n./s.sh q r; echo $?",
    "cat > s.sh <<'EOF'\nV=changed\nEOF\n. ./s.sh; echo $V; chmod -x s.sh; ./s.sh; echo $?",
    "export E=1; cat > s.sh <<'EOF'\n#!/bin/bash\necho \"$E$L\"\nEOF\nL=2; chmod +x s.sh; ./s.sh; L=3 ./s.sh",
    "cat > s.sh <<'EOF'\necho $1 $#\nexec echo last $2\necho never\nEOF\nbash s.sh a b; sh -c 'echo $X $1' n m",
    'export A="x\'y"; export -p | grep \'A=\' > f; unset A; . ./f; echo "$A"',
    "echo a || exit 3; exit; echo never",
    "false || exit; echo never",
    "if false; then :; fi; echo $?; [ x ] ; echo $?; test -e none; echo $?",
    'n=$(false); echo $?; n=$(echo a b); echo "$n" $n; echo "${n// /_}"',
    "b=$(basename $P); if [ -e in/$b ]; then b=other; fi; echo $b",
    "echo $1 ${2:-none} $0 > /dev/null; echo '*' \\* \"*\"; echo no*match",
    'n=$((1/0)); echo "<$n>"; [ $n -gt 1 ]; echo $?; [ a -gt 1 ]; echo $?; if [ -gt ]; then echo x; fi',
    "for f in *.root; do if [ -f $f ]; then echo there; fi; done; echo ${f%.root}",
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_as_bash(script: str, tmp_path: Path) -> None:
    real = subprocess.run(
        ["bash", "--norc"],
        input=script + "\n",
        cwd=tmp_path,
        env=VARIABLES,
        text=True,
        capture_output=True,
        check=False,
    )
    world = node()
    shell = Shell(world, VARIABLES)
    status = shell.run(script)
    assert ("".join(shell.out.parts), status) == (real.stdout, real.returncode)
    made = {p.removeprefix(HOME + "/"): text for p, text in world.files.texts.items()}
    there = {str(p.relative_to(tmp_path)): p for p in tmp_path.rglob("*") if p.is_file()}
    assert made == {name: path.read_text() for name, path in there.items()}
    assert world.events == []


EXPRESSIONS = st.recursive(
    st.one_of(st.integers(0, 50).map(str), st.sampled_from(["a", "b", "c"])),
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(
                ["+", "-", "*", "/", "%", "<", ">=", "==", "&&", "||", "&", "|", "^", "**"]
            ),
            inner,
        ),
        inner.map(lambda e: f"-({e})" if e.startswith("-") else f"-{e}"),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=10, max_size=10))
def test_arithmetic_as_bash(expressions: list[str]) -> None:
    values = {"a": "3", "b": "-7", "c": "a + 1"}
    mine = []
    for expression in expressions:
        try:
            mine.append(str(evaluate(expression, values)))
        except (ValueError, ZeroDivisionError):
            mine.append("refused")
    script = "".join(f"( echo $(({e})) ) 2>/dev/null || echo refused\n" for e in expressions)
    real = subprocess.run(
        ["bash"], input=script, env=values, text=True, capture_output=True, check=False
    )
    assert mine == real.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("script", "events"),
    [
        ("lar -c x.fcl 'a b' > out 2> err", ["run lar -c x.fcl a b"]),
        (
            ". setup.sh x; setup larsoft v1 -q e26",
            ["source setup.sh x", "setup setup larsoft v1 -q e26"],
        ),
        ("ifdh cp /pnfs/x/a.root b", [f"fetch /pnfs/x/a.root {HOME}/b"]),
        ("ifdh mkdir_p /nashome/x", ["make folder /nashome/x"]),
        ("echo x > a; tar -cf log.tar *", ["pack log.tar *"]),
        ("sed -e s/a/b/ f; echo after", ["shell sed -e s/a/b/ f"]),
        ("a=(1 2)", ["shell a=(1 2)"]),
        ("rm -rf /home; echo > /etc/passwd", []),
    ],
)
def test_what_is_not_followed_is_recorded(script: str, events: list[str]) -> None:
    world = node()
    Shell(world, {}).run(script)
    assert [str(event) for event in world.events] == events


def test_a_script_without_end_is_given_up() -> None:
    world = node()
    Shell(world, {}).run("while true; do :; done")
    assert [event.kind for event in world.events] == ["shell"]
    growing = node()
    Shell(growing, {}).run("x=ab; while true; do x=$x$x; done")
    assert growing.events
    nested = node()
    Shell(nested, {}).run("echo " + "$(" * 5000 + ")" * 5000)
    assert [event.kind for event in nested.events] == ["shell"]
    recursive = node()
    Shell(recursive, {}).run("f() { f; }; f")
    assert [event.kind for event in recursive.events] == ["shell"]
