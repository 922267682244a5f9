"""Commands of the shell itself, its words and its arithmetic do what bash's do, at the edges."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from converter.shell.arithmetic import evaluate
from converter.shell.files import HOME
from tests.test_shell import test_as_bash as as_bash
from tests.test_shell_bounds import followed

# ruff: noqa: E501
SCRIPTS = [
    "echo -n a; echo -nE b; echo -x c; echo -n -n; echo - -n",
    "printf '%d-%s;' 1 a 2; printf '%%\\t\\\\\\\"x'; printf '%s|'; printf '%d|'; printf 'plain' a b",
    "shopt -s expand_aliases; echo $?; mkdir d; cd d; [ \"$(basename $(pwd))\" = d ] && echo in",
    "set -- a b; shift 3; echo $? $#; shift; echo $1; shift 1; echo $#; shift; echo $?",
    "exec; echo still; eval 'x=1; echo $x'; eval; echo $?; unset x; echo ${x-none}",
    "test; echo $?; [ ]; echo $?; [ ! a = b ]; echo $?; [ ! ! a ]; echo $?; [ ! ]; echo $?; [ ! -e none ]; echo $?",
    "[ a -a ]; echo $?; [ a -o ]; echo $?; [ a = a b ]; echo $?; [ ! a = a b ]; echo $?; [ -n ]; echo $?",
    "[ a '<' b ]; echo $?; [ b '<' a ]; echo $?; [ 1 -ne 2 -a 1 -le 1 ]; echo $?; [ 2 -lt 1 -o 2 -ge 3 ]; echo $?",
    "echo a > f; [ -s f -a -r f ]; echo $?; [ -x f ]; echo $?; mkdir d; [ -e d -a ! -f d ]; echo $?",
    "f() { declare a=1; a=2; echo $a; }; f; g() { local b; echo \"<$b>\"; }; g; declare -x E=1; export -p | grep E=",
    "echo x y z > f; read a b < f; echo \"$a|$b\"; read a b c d < f; echo \"$c|$d\"; read a < /dev/null; echo \"$?$a\"",
    "printf 'a\\nb\\n' | while read -r x; do echo \"<$x>\"; done; cat <<< \"$((1+1)) x\"; grep -c a <<< abc",
    "f() { echo $*; return; echo never; }; f a b; g() { false; return; }; g; echo $?; (exit 300); echo $?",
    # Words.
    "x=abcdef; echo ${x: -2} ${x:2} ${x:9}. ${x: -9}. ${x:1:0}. ${x:0:2}${x: -1:1}",
    "x=a.b.c; echo ${x/./-} ${x//./-} ${x/?/_} ${x//[ab]/_} ${x/} ${x/z/y} ${x//./}",
    "x=a.b.c; echo ${x#*.} ${x##*.} ${x%.*} ${x%%.*} ${x#?} ${x%[bc]} ${x#z} ${x%z*}",
    "set -- a 'b c'; echo \"$@\" | cat; for x; do echo \"<$x>\"; done; echo $0 > /dev/null; echo ${#1} ${2#b} $3.",
    "x=' a  b '; for w in $x; do echo \"<$w>\"; done; for w in \"$x\"$x; do echo \"<$w>\"; done; echo \"${x:+\"q r\"}\" \"${none:-\"a  b\"c\\\"$(echo \"d\")}\"",
    "echo \"a\\\nb\" a\\\nb; cat <<EOF\na\\\nb\nEOF",
    "[[ ! -e none ]] && echo y; [[ 2 -gt 1 ]] && echo n; [[ x ]] && echo t; [[ '' ]]; echo $?; [[ ! abc != a* ]]; echo $?",
    "[[ -d . ]] && echo d; x='a b'; [[ $x == 'a b' ]] && echo q; [[ -z $none ]] && echo z",
    "case a in b) ;; esac; echo $?; case x.root in *.txt|*.root) echo r;; esac; if false; then :; else echo else; fi",
    # Patterns.
    "for p in '[^a]*' '[!a]*' '[[:digit:]]*' '[]x]*' '\\*' 'a\\?c' '[a-c]?' '[' '*['; do for x in abc 1 'a?c' ] '*' [; do case $x in $p) echo \"$p $x\";; esac; done; done",
    "x=abc; y='a*'; echo ${x#$y} ${x#\"$y\"} ${x//*/z} ; z='*'; w='a\\*'; case 'a*' in \"$y\") echo q;; esac; case 'ab' in $w) echo no;; *) echo w;; esac",
    "p=/a/b//c; echo ${p////-} ${p///} ${p/\\//-} ${p//\\/b/x} ${p//b*/}",
    "x=; echo \"${x:=a\\ b}\" $x; y=; echo ${y:=a\\ b}; z=; echo \"${z:-'q'}\" ${z:-'q  r'}",
    "echo $((0x1f + 0XA)) $((0x10/2)); [ ! -a ! ]; echo $?; [ '' -o a ]; echo $?; [ a -a '' ]; echo $?; printf --; echo $?; printf -- 'a\\n'",
    "x=$(echo a # )\n); echo $x; x=$(echo b#c); echo $x; if true; then echo; # fi\nfi",
    # Redirections.
    "f() { echo out; echo err >&2; }; f > o; cat o; f >> o 2> /dev/null; cat o; { echo g; } >| o; cat o; { echo b; } &> b; cat b; echo c >> b; cat b",
    "{ cat; } < none; echo $?; for i in 1 2; do cat; done < none; echo $?; if true; then echo t; fi > d; cat d",
    "echo a > f; { read x; echo $x; } < f; (cat) < f; while read x; do echo \"w$x\"; done < f > g; cat g",
    # grep's expressions.
    "printf 'ab\\na+b\\nABC\\n[x]\\n' > f; grep 'a+' f; grep -E 'ab?$' f; grep -Ec '^(ab|A)' f; grep '\\[x\\]' f; grep -i '^abc$' f",
    "printf 'aab\\nword here\\na$b\\n' > f; grep -E 'a{2}b' f; grep '\\bhere' f; grep -E '\\<word\\>' f; grep 'a$b' f; grep -c '[^a-z ]' f",
    "printf 'a1\\nB_\\n' > f; grep '[[:digit:]]' f; grep '[[:upper:]]_' f; grep -v '[[:alnum:]]$' f; grep '\\w\\w' f; grep 'a\\' f; echo $?",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_as_they_are(script: str, tmp_path: Path) -> None:
    as_bash(script, tmp_path)


@pytest.mark.parametrize(
    "expression",
    [
        *("", "+5", "~5", "!3", "!!3", "+-4", "- -4", "-(2)", "010", "00", "0", "1 + 1 ", "((7))"),
        *(
            "2**3**2",
            "-2**2",
            "!2**2",
            "2**+3",
            "2**-1",
            "2**~-3",
            "2**!0",
            "1 ? 2 : 3 ? 4 : 5",
            "0 ? 1/0 : 7",
        ),
        *("1 || 2**3", "0 && 2**3**2", "0 ? 2**3 : 4", "1 ? 4 : 2**-1"),
        *("1 || 1/0", "0 && 1/0", "5 % 3 - -1", "1 << 63", "1 << 64", "-1 >> 1", "9**20"),
        *("n", "n + m", "none", "m ? n : 1", "9223372036854775807 + 1", "7 == 7 != 0"),
    ],
)
def test_arithmetic_as_bash(expression: str) -> None:
    values = {"n": "3", "m": "n * 2"}
    script = f"echo $(({expression}))"
    real = subprocess.run(
        ["bash"], input=script, env=values, text=True, capture_output=True, check=False
    )
    try:
        mine = str(evaluate(expression, values))
    except ValueError:
        mine = ""
    assert mine == real.stdout.strip()


@pytest.mark.parametrize(
    "expression",
    [
        "1 ? 2",
        "(1",
        "1)",
        "1 +",
        "* 2",
        "2**~1",
        "1 # 2",
        "a b",
        "$",
        "n = 1",
        "n++",
        "08",
    ],
)
def test_what_is_no_arithmetic_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        evaluate(expression, {"n": "1"})


NOT_FOLLOWED = [
    "echo -e 'a\\n'",
    "printf '%d' x",
    "printf '%d' 08",
    "printf '\\x41'",
    "export -n A",
    "f() { local -r a=1; }; f",
    "f() { local a; }; a=1 f",
    "f() { export a; }; a=1 f",
    "f() { unset a; }; a=1 f",
    "[ a = a",
    "[ '(' a ')' ]",
    "echo ${x?message}",
    "echo ${x/#a/b}",
    "echo ${x^}",
    "echo ${!x}",
    "[[ a < b ]]",
    "[[ a == b && c ]]",
    "grep '[' f",
    "grep -E '(a)*' f",
    "grep -E '*a' f",
    "grep -E 'a{,2}' f",
    "grep '[[:graph:]]' f",
    "grep '\\d' f",
    "grep '[+--]' f",
]


@pytest.mark.parametrize("script", NOT_FOLLOWED)
def test_what_is_not_followed_is_said(script: str) -> None:
    world, shell = followed(f"echo a > f; x=a\n{script}\necho after")
    (event,) = world.events
    assert event.kind == "shell"
    assert "".join(shell.out.parts) == "after\n"


@pytest.mark.parametrize(
    ("script", "event"),
    [
        ("bash none.sh a", "run bash none.sh a"),
        ("cd /none", "run cd /none"),
        ("ifdh ls /pnfs/x", "run ifdh ls /pnfs/x"),
        ("printf '#!/usr/bin/env python\\n' > s; chmod +x s; ./s a", "run ./s a"),
    ],
)
def test_what_runs_elsewhere_is_recorded(script: str, event: str) -> None:
    world, _ = followed(script)
    assert [str(one) for one in world.events] == [event]


@pytest.mark.parametrize(
    ("script", "places"),
    [
        ("ifdh cp -D /pnfs/a.root /pnfs/b.root d", ["d/a.root", "d/b.root"]),
        ("ifdh cp -D /pnfs/a.root none", ["none/a.root"]),
        ("ifdh cp /pnfs/a.root b", ["b"]),
    ],
)
def test_where_ifdh_copies_to(script: str, places: list[str]) -> None:
    world, _ = followed(f"mkdir d none; {script}")
    assert [e.words[-1].removeprefix(f"{HOME}/") for e in world.events] == places
