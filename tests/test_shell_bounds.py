"""Scripts that anyone may have written: each is followed so far and no further, and that is said.

Counted, not timed: the calls that following a script takes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.shell import Shell, World
from converter.verify.node import node

MOST_CALLS = 1_500_000


def followed(script: str) -> tuple[World, Shell]:
    world = node()
    shell = Shell(world, {})
    shell.run(script)
    return world, shell


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called, Python's own included."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


BEYOND = {
    "an expression that doubles at each letter": f'echo {"a" * 3000} | grep -E "(a+)+c"',
    "one that multiplies": f"echo {'a' * 3000} | grep 'a*a*a*c'",
    "choices that double": f"echo {'a' * 60} | grep -E '{'a?' * 40}{'a' * 40}'",
    "300,000 words": "echo " + "x " * 300_000,
    "words of a variable": f"x='{'y ' * 400_000}'; for i in $x; do echo $i; done",
    "a function that calls itself": "f() { f; }; f",
    "two that call each other": "f() { g x; }; g() { ( f ); }; f",
    "itself in its words": "f() { if true; then for i in 1; do { ( f $(f) ); }; done; fi; }; f",
    "a here-document that calls its function": "f() { cat <<EOF\n$(f)\nEOF\n}\nf",
    "here-documents in a function": "f() {\n" + "cat <<EOF\nx\nEOF\n" * 20_000 + "}\nf",
    "eval of itself": 'x="eval \\$x"; eval $x',
    "a script that sources itself": 'echo ". ./a" > a; . ./a',
    "a script that runs itself": 'echo "./b; ./b" > b; chmod +x b; ./b',
    "a shell in a shell": 'export x="bash -c \\"\\$x\\""; bash -c "$x"',
    "50,000 levels of folders": "mkdir -p " + "a/" * 50_000,
    "levels one by one": "while true; do d=$d/abc; mkdir -p ./$d; done",
    "braces": "echo {1..1000000000}",
    "braces that double": "echo " + "{a,b}" * 30,
    "brackets": "echo $((" + "(" * 5_000 + "1" + ")" * 5_000 + "))",
    "a sum of 100,000": "echo $((" + "1+" * 100_000 + "1))",
    "variables": "".join(f"v{n}='v{n + 1}+v{n + 1}'; " for n in range(40)) + "echo $((v0))",
    "a variable that is itself": "a=a; echo $((a))",
    "sums of sums, again and again": "".join(f"v{n}='v{n + 1}+v{n + 1}'; " for n in range(11))
    + "v11=1; while true; do echo $((v0)); done",
    "signs again and again": f"while true; do echo $(({'-' * 3_900}1)); done",
    "names again and again": f"while true; do read {'a ' * 9_000} <<< b; done",
    "ways up again and again": f"mkdir x; while true; do ls {'x/../' * 800}; done",
    "variables for shells": "".join(f"export v{n}=1; " for n in range(5_000))
    + "while true; do bash -c :; done",
    "a wide number": "printf %1000000000d 1",
    "a format again and again": f"printf '{'%%' * 20_000}%s' $(seq 1 10000)",
    "a long sequence": "seq 1000000000",
    "one that is no number": "seq 1e9",
    "a string that doubles": "x=ab; while true; do x=$x$x; done",
    "one that is replaced": 'x=ab; while true; do x="${x//a/aaaaaaaa}"; done',
    "arguments that double": 'set -- a; while true; do set -- "$@" "$@"; done',
    "loops in loops": "for a in $(seq 1 10000); do for b in $(seq 1 10000); do echo $a; done; done",
    "a loop without end": "while true; do :; done",
    "one of shells": "until (false); do (true); done",
    "programs without end": "while true; do lar -c x.fcl; done",
    "a file that grows": "echo x > f; while true; do cat f f > g; cat g >> f; done",
    "an expression of sed": "echo a | sed 's/(a*)*b/x/'",
    "one of awk": "awk '/(a+)+/'",
    "commands in commands": "echo " + "$(" * 5_000 + ")" * 5_000,
    "quotes in quotes": "echo " + '"$(echo ' * 3_000 + ')"' * 3_000,
    "shells in shells": "(" * 5_000 + ")" * 5_000,
    "conditions in conditions": "if true; then " * 3_000 + ":; " + "fi; " * 3_000,
    "defaults in defaults": "echo " + "${a:-" * 5_000 + "}" * 5_000,
    "a pattern of patterns": f"for i in $(seq 1 500); do > f$i; done; echo */*/*/* {'.*/' * 40}",
    "a pattern in a long text": f"x={'a' * 200_000}; echo ${{x#*b}}",
    "patterns again and again": f"x={'a' * 4_000}; while true; do y=${{x##*b*c*d}}; done",
    "60,000 commands in a line": "true" + "|true" * 60_000,
    "100,000 lines that are not followed": "a=(1)\n" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("script", BEYOND.values(), ids=BEYOND)
def test_what_is_beyond_a_bound_is_said(script: str) -> None:
    worlds: list[World] = []
    assert calls_of(lambda: worlds.append(followed(script)[0])) < MOST_CALLS
    assert "shell" in {event.kind for event in worlds[0].events}
    assert len(worlds[0].events) <= 10_001


WITHIN = {
    "100,000 backslashes": ("echo " + "\\" * 100_000, "\\" * 50_000 + "\n"),
    "a tower of powers": ("echo $((2**10**10))", "0\n"),
    "a number that is too long": ("echo $((99999999999999999999))", "7766279631452241919\n"),
    "a missing folder": ("touch no/such/f; echo $?", "1\n"),
    "a missing folder for errors": ("echo x 2> /no/such/f; echo $?", "1\n"),
    "a missing folder for an archive": ("tar cf no/such/a.tar x; echo $?", "2\n"),
    "40,000 negations": ("[ " + "! " * 9_000 + "x ]; echo $?", "0\n"),
    "a long pattern": (f"case {'a' * 5_000} in *a*a*a*b) echo x;; *) echo y;; esac", "y\n"),
    "brackets of grep": ("echo 'a b' | grep -cE '^[[:alpha:]][[:space:]](b|c)$'", "1\n"),
    "grep's own signs": (r"echo 'a(b)' | grep -c 'a(b)'; echo ab | grep -c 'b\|c'", "1\n1\n"),
    "[[": ("x=a.root; [[ $x == *.root ]] && echo y; [[ $x == '*' ]] || echo n", "y\nn\n"),
}  # fmt: skip


FOLLOWED_WHOLE = [script for script, _ in WITHIN.values()]


@pytest.mark.parametrize(("script", "out"), WITHIN.values(), ids=WITHIN)
def test_what_is_within_the_bounds_is_followed(script: str, out: str) -> None:
    world, shell = followed(script)
    assert ("".join(shell.out.parts), world.events) == (out, [])


NOT_FOLLOWED = [
    "set -e; false",
    "shopt -s nullglob",
    "IFS=,; echo a",
    "((i++))",
    "a[1]=x",
    "[ \\( a = b \\) ]",
    "echo $((++i))",
    "let x=2",
    'echo "$[1+1]"',
    "grep '\\(a\\)\\1' f",
    "printf '%5d' 1",
    "tr a-z A-Z",
    "break 2",
    "head -n -1 f",
]


@pytest.mark.parametrize("script", NOT_FOLLOWED)
def test_what_bash_does_otherwise_is_not_guessed(script: str) -> None:
    world, _ = followed(f"x=1\n{script}")
    assert "shell" in {event.kind for event in world.events}


PIECES = r"""
    if then fi for in do done while case esac { } ( ) ; | && || & ;; < > >> <<E <<'E' 2> >&2
    $ ${ $( $(( )) ` " ' \ * ? [ ] ~ # = x= ! $x ${x%a} ${x:-y} $@ "$@" $# $? f() f x y -n -c 1 ²
    sed sort awk head grep wc cut tr basename dirname seq expr cat cp mv rm mkdir touch chmod ls
    tar ifdh cd read shift test [[ ]] printf export local set eval exec bash . return break exit
    99999999999999999999 -1 %s / a/b : , echo
    """
FRAGMENTS = st.sampled_from([*PIECES.split(), "\n", "\nE\n", "\t"])
SCRIPTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=4)), max_size=25).flatmap(
    lambda words: st.sampled_from([" ", ""]).map(lambda blank: blank.join(words))
)


@settings(max_examples=300, deadline=None)
@given(SCRIPTS)
def test_any_text_is_followed_or_not_but_never_breaks(script: str) -> None:
    assert calls_of(lambda: followed(script)) < MOST_CALLS
