"""Scripts at random of what jobs use: ours does as bash does, or names what it does not follow."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from converter.shell import Shell
from converter.shell.files import HOME
from converter.verify.node import node

# ruff: noqa: E501
VARIABLES = {"X": "a b", "N": "7", "EMPTY": "", "P": "/p/x/f.root", "PATH": "/usr/bin:/bin"}
ARGUMENTS = ("p1", "p 2")
BEGINNING = "mkdir d; printf 'b\\na b\\n7\\n10' > f; echo a:b:c > g; echo root > d/k; : > h.root\n"


def one(texts: str) -> st.SearchStrategy[str]:
    """One of the words of a text, or what some of them stand for: `X` a word, `F` a file."""
    return st.sampled_from(texts.split())


def fill(shape: str, /, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(shape.format, **parts)


NAME = one("x y z N X EMPTY P i none")
FILE = one("f g h.root a.txt d/k d/m none no/f d")
TEXT = one(
    "a b abc x.root a.b.c 7 0 -3 10 _ a-b A a=b x1 . a/b/c a:b:c 08 *.root ?.* d/* [a-g]* \\*"
)
GLOB = one("*. */ /* .* * ? [ab] a .root *b [!a]* \\. '*' \"$x\" $y [0-9] [[:alpha:]] [^b]")
SUM = one("1 N+2 x*3 7/2 -7%3 (N>3) N==7?1:2 010 0x1f !N~0 2**3 none+1 $#+1 i+1 1<<3 5&6|1")
EXPANSION = st.one_of(
    fill("${name}", name=NAME),
    fill("${{{name}{op}{text}}}", name=NAME, op=one(":- - :+ + := ="), text=TEXT),
    fill("${{{name}{op}{glob}}}", name=NAME, op=one("# ## % %%"), glob=GLOB),
    fill("${{{name}{op}{glob}/{text}}}", name=NAME, op=one("/ //"), glob=GLOB, text=TEXT),
    fill("${{{name}:{at}}}", name=NAME, at=st.sampled_from(["0", "1", " -1", "1:2", "9", "0:0"])),
    fill("${{#{name}}}", name=NAME),
    fill("$(({sum}))", sum=SUM),
    one('$1 ${2:-no} $# $? $* "$@" "$*" "${@}" $(cat<f) $(<g) `echo` $(f2)'),
)
WORD = st.one_of(
    TEXT,
    EXPANSION,
    fill(
        '"{a}{b}{c}"', a=TEXT, b=EXPANSION.filter(lambda e: '"' not in e), c=one("' # \\$ \\\\ x")
    ),
    fill("{a}{b}", a=TEXT, b=EXPANSION),
    st.sampled_from(["'a b'", "''", '""', "a\\ b", "\\\\", "'$x'", "{}", "a#b", "=", "]", "!"]),
)
CONDITION = st.one_of(
    fill("{a} {op} {b}", a=WORD, op=one("= != =="), b=WORD),
    fill("{a} {op} {b}", a=one("$N $x 1 ${#X} -3 010"), op=one("-eq -ne -lt -ge"), b=one("7 $x 0")),
    fill("{op} {a}", op=one("-n -z -f -d -e -s -x -r !"), a=st.one_of(FILE, WORD)),
    fill("{a} {op} {b}", a=one("a '' $x"), op=one("-a -o"), b=one("b '' $y")),
)
TOOL = st.one_of(
    fill("echo {a} {b}", a=WORD, b=WORD),
    fill("printf {form} {a} {b}", form=one("'%s\\n' '%s-%d;' '%s|' \"%%\\t\""), a=WORD, b=WORD),
    fill("{name}={a}", name=one("x y z i"), a=WORD),
    fill("{name}={a} y=$x {tool}", name=one("x z"), a=TEXT, tool=one("f1 echo eval :")),
    fill("[ {condition} ]", condition=CONDITION),
    fill("[[ {a} {op} {glob} ]]", a=WORD, op=one("== !="), glob=GLOB),
    fill("{tool} {a} {b}", tool=one("cat cp mv rm ls touch basename dirname f1 f2"), a=FILE, b=FILE),
    fill("{tool} {file}", tool=st.sampled_from([
        "wc -l", "wc -c <", "head -n 1", "sort", "sort -r", "sort -n", "sort -u", "sed -n 1,2p",
        "awk '{{print $1}}'", "grep a", "grep -c .", "grep -v b", "grep -E '^(a|b)+$'", "grep -q x",
        "tr a x <", "cut -d: -f2 <", "cut -c1-2 <", "read x y <", "rm -f", "rm -r", "mkdir", "mkdir -p",
        "chmod +x", "cat -", ". ./", "cd", "seq 2; ls",
    ]), file=FILE),
    fill("expr {a} {op} {b}", a=one("1 7 -2 $N"), op=one("+ - \\* / % \\< = !="), b=one("2 0 7 $x")),
    st.sampled_from([
        "true", "false", ":", "shift", "set -- a 'b c'", "set -- $x", "unset x", "export x",
        "export y=$X", "eval 'echo $x'", "eval x=5", "local x=1", "f1 a b", "f2", "read x", "cd d; ls ..",
        "cat <<EOF > f\n$x $(echo a)\n\\$x\nEOF\n:", "cat <<'EOF'\n$x\nEOF\n:", "cat <<< \"$x\"", "echo $?",
        "bash -c 'echo $x $1' a b", "exec > f", "return 3", "exit 4", "break", "continue",
    ]),
)  # fmt: skip
REDIRECT = st.sampled_from([
    *[""] * 12, " > f", " >> g", " > no/f", " < g", " < none", " 2> /dev/null", " 2>&1", " >&2",
    " > f 2>&1", " 2>&1 > g", " &> f", " > f > g", " 3> f >&3", " < /dev/null", " 2> e", " > d",
])  # fmt: skip
SIMPLE = fill("{tool}{redirect}", tool=TOOL, redirect=REDIRECT)
LAST = ["cat", "sort", "f1", "while read x y; do echo $y$x; i=$i$x; done", "{ read x; cat; }"]
PIPE = fill("{a} | {b}", a=SIMPLE, b=st.sampled_from(LAST))


BODY: st.SearchStrategy[str] = st.deferred(lambda: st.one_of(SIMPLE, SIMPLE, PIPE, LARGER))
LARGER = st.one_of(
    fill("{a}\n{b}", a=BODY, b=BODY),
    fill("{a} {op} {b}", a=SIMPLE, op=one("&& ||"), b=SIMPLE),
    fill("if {a}\nthen {b}\nelse {c}\nfi", a=BODY, b=BODY, c=BODY),
    fill("for {x} in {a} {b}; do {c}\ndone", x=one("i x"), a=WORD, b=WORD, c=BODY),
    fill("i=0; while [ $i -lt 2 ]; do i=$((i+1)); {a}\ndone{r}", a=BODY, r=REDIRECT),
    fill("while read x y; do {a}\ndone < f", a=BODY),
    fill("case {a} in {g}) {b}\n;; *) {c}\n;; esac", a=WORD, g=GLOB, b=BODY, c=BODY),
    fill("{{ {a}\n}}{r}", a=BODY, r=REDIRECT),
    fill("( {a}\n){r}", a=BODY, r=REDIRECT),
    fill("x=$({a}\n)", a=BODY),
    fill(
        "{f}() {{ {l}{a}\n}}\n{b}",
        f=one("f1 f2"),
        a=BODY,
        l=st.sampled_from(["local x; ", "local x=$1; ", ""]),
        b=SIMPLE,
    ),
).map(str)  # as one of four
SCRIPTS = st.lists(BODY, min_size=1, max_size=4).map("\n".join)


MOST_STEPS = 1_000


def by_bash(script: str, folder: Path) -> tuple[str, int, dict[str, str]]:
    """Output, status, and the files, of bash itself."""
    file = folder / "script"
    file.write_text(script)
    here = folder / "here"
    here.mkdir()
    done = subprocess.run(
        ["bash", "--norc", str(file), *ARGUMENTS],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=here, env=VARIABLES, text=True, check=False, timeout=300,
    )  # fmt: skip
    files = {str(p.relative_to(here)): p.read_text() for p in here.rglob("*") if p.is_file()}
    return done.stdout, done.returncode, files


# The same scripts each time: the long test is the one that goes on looking.
@settings(max_examples=150, deadline=None, derandomize=True)
@given(SCRIPTS)
def test_as_bash_or_named(body: str) -> None:
    check(body)


@pytest.mark.long
@settings(max_examples=3_000, deadline=None)
@given(SCRIPTS)
def test_many_scripts(body: str) -> None:
    check(body)


def check(body: str) -> None:
    """Hold what the shell says of a script against what bash does."""
    assume(".." not in body)  # What lies around the folder is not the same.
    script = BEGINNING + body + '\necho "$? $x|$y|$i $#"\n'
    world = node()
    shell = Shell(world, VARIABLES, ARGUMENTS)
    status = shell.run(script)
    if world.events or world.steps > MOST_STEPS:
        return  # What is not followed is named; bash takes long for what has many steps.
    with tempfile.TemporaryDirectory() as folder:
        out, real_status, real_files = by_bash(script, Path(folder))
    files = {path.removeprefix(HOME + "/"): text for path, text in world.files.texts.items()}
    known = {name: real_files.get(name) if text is None else text for name, text in files.items()}
    assert shell.out.text in (out, None), script
    assert (status, known) == (real_status, real_files), script
