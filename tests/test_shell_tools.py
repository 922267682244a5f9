"""The tools of a job's scripts do what the real ones do, at their edges too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_shell import test_as_bash as as_bash

# ruff: noqa: E501
SCRIPTS = [
    "dirname /; dirname /x; dirname x; dirname x/; dirname a//b; dirname",
    "basename /; basename /x/; basename x.root .root; basename .root .root; basename",
    "mkdir d; mkdir d; echo $?; mkdir -p d; echo $?; mkdir -p a/b/c; echo $?; mkdir x/y; echo $?",
    "touch f; echo a > f; touch f; cat f; touch no/f; echo $?; mkdir d; touch d; echo $?",
    "echo a > a; cp a; echo $?; cp a no/b; echo $?; cp none b; echo $?; mkdir d; cp a d; ls d",
    "echo a > a; echo b > b; mkdir d; cp a b d; cat d/a d/b; cp a none d; echo $?; ls d",
    "echo a > a; mv a b; ls; mv none c; echo $?; mkdir d; mv b d/; ls d; ls",
    "echo a > a; rm a b; echo $?; rm -f b; echo $?; mkdir d; echo x > d/x; rm -r d; ls; echo $?",
    "mkdir d e; rm d; echo $?; rm -f d; echo $?; ls; rm -rf d none; echo $?; ls; rm -r none; echo $?",
    "mkdir -p d/e/f; echo x > d/e/f/x; echo y > dd; rm -rf d; ls; mkdir -p d/e; ls d/e; echo z > f",
    "echo x > f; mkdir f; echo $?; mkdir -p f; echo $?; mkdir -p f/g; echo $?; ls",
    "echo a > a; chmod +x a b; echo $?; chmod; echo $?; chmod 755 a; echo $?",
    "ls none; echo $?; mkdir d; ls d; echo $?; echo x > f; ls f none; echo $?",
    "echo x > b; echo x > a; ls; ls -1; ls a b; ls *",
    "printf 'a\\nb\\nc\\n' > f; head -n 0 f; head -n 2 f; head -1 f; cat f | head -n 9; head -n2 f",
    "printf 'b\\na\\n' > f; sort f; sort -r f; echo c | cat - f; cat none f; echo $?",
    "printf 'a b\\nc\\n' > f; grep -c . f; grep -v a f; grep -q c f; echo $?; grep z f; echo $?",
    "printf 'a b\\nA\\n' > f; grep -i a f; grep -ci a f; grep; echo $?; grep x none; echo $?",
    "printf 'a\\nb' > f; wc -l f; wc -c < f; wc -l < f; echo | wc -l; printf '' | wc -l",
    "echo a,b,c | cut -d, -f2; echo abc | cut -d, -f2; echo a, | cut -d , -f 2; echo abc | cut -c 2-3",
    "echo a,b,c | cut -d, -f9; echo 'a b' | cut '-d ' -f2; echo abcdef | cut -c3-9",
    "echo abc | tr a x; echo abcabc | tr -d ac; printf 'a,b' | tr , ' '",
    "seq 3; seq 2 3; seq 3 2; seq 0; seq -1 1",
    "expr 1 + 2; expr 5 - 5; echo $?; expr 2 '*' 3; expr 7 / 2; expr 7 % 2; expr 1 '<' 2",
    "echo 'a b c' | awk '{print $3}'; echo a | awk '{print $2}'; printf 'a b\\nc d\\n' | awk '{print $1}'",
    "printf 'a\\nb\\nc\\n' > f; sed -n 2p f; sed -n 2,9p f; sed -n 9p f; cat f | sed -n 1p",
    "tar; echo $?; tar xf none.tar; echo $?",
    "echo x | cat; cat < none; echo $?; cat f f; echo $?",
    "dirname a/b c/d; basename a b c; echo $?; echo é > f; wc -c f; wc -c < f; touch; echo $?; mkdir; echo $?",
    "sort none; echo $?; awk '{print $1}' none; echo $?; sed -n 1p none; echo $?; head none; echo $?; wc -l none; echo $?",
    "echo a > a; echo b > b; cp a b none; echo $?; mv a no/b; echo $?; ls; mv a none/; echo $?; cp a a; echo $?; ls b a; mv b c a; echo $?; ls",
    "echo a > b; echo a > a; touch .h; ls; ls .; ls none a; echo $?; rm .; echo $?; rm -f; echo $?; rm; echo $?",
    "echo 'echo in' > s; chmod +x s; cp s t; ./t; mv t u; ./u; chmod 644 u; ./u; echo $?; chmod u+x u; chmod go-x u; ./u; rm u; echo x > u; ./u; echo $?",
    "echo a > f; cat f/; echo $?; touch g/; echo $?; cp f h/; echo $?; [ -f f/ ]; echo $?; [ -d '' ]; echo $?; mkdir ''; echo $?; mkdir -p ''; echo $?",
    "expr 2 '<' 10; expr 3 = 3; expr 1 - 1 + 2; expr 7 / 0; echo $?; expr -3 + 1; expr 5 % -3; expr 2 '*' 3 '>' 5; expr 4 '!=' 4; echo $?",
    "echo a-b | tr - +; echo a,b | tr , '*'; echo 'a b' | tr -d ' a'; echo a:b: | cut -d: -f3; echo 'a b' | cut -d ' ' -f 2; printf a | cut -c1-5",
    "echo x > f; grep '' f; grep -v '' f; echo $?; grep -vc '' f; echo $?; cp /dev/null f; cat f; cat /dev/null; > f; [ -s f ]; echo $?",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_tools_as_they_are(script: str, tmp_path: Path) -> None:
    as_bash(script, tmp_path)


def test_what_is_touched_is_the_newest() -> None:
    from tests.test_shell_bounds import followed

    _, shell = followed("echo x > a; echo x > b; touch a; ls -t")
    assert shell.out.text == "a\nb\n"


@pytest.mark.parametrize(
    "words",
    [
        "expr 010 + 1",
        "expr 2 ** 3",
        "expr a : b",
        "wc f",
        "wc -lc f",
        "cut -f1 f",
        "tr a-z A-Z",
        "tr '[:lower:]' x",
        "seq 1 2 9",
        "seq 1 100000",
        "head -c 5 f",
        "head -n 1 f g",
        "grep x f g",
        "grep -o x f",
        "rm -i f",
        "cp -s a b",
        "ls -l",
        "sort -h f",
        "mkdir -m 700 d",
        "mkdir d; cp -r d e",
        "mkdir d; mv d e",
        "mkdir d; ls f d",
        "mkdir d; cat d",
        "mkdir d; chmod 600 d",
        "rm f -f",
        "sort f none",
        "wc -l f g",
        "chmod 000 f",
        "chmod a=x f",
        "tr é e < f",
        "echo é | cut -c1-2",
        "cut -d '' -f1 f",
        "cut -c3-1 < f",
        "basename -a f g",
        "expr 1 '|' 0",
        "expr 999999999 '*' 9999999999",
        "expr a = a",
        "ls f/../g",
        "echo .*",
        "read x <<< 'a\\b'",
        "export 1=2",
        "printf -v x a",
        "[ -w f ]",
        "[ f -nt g ]",
        "[[ 1+1 -eq 2 ]]",
        "[[ a b ]]",
        "[[ -n == a ]]",
        "x=; echo ${x/*/a}",
        "x=a; y='#a'; echo ${x/$y/b}",
        "x=a; echo ${x/a/&}",
        "case a in [[.a.]]) ;; esac",
        "case a in [[:graph:]]) ;; esac",
        "echo a | grep 'a\nb'",
    ],
)
def test_what_is_not_followed_is_said(words: str) -> None:
    from tests.test_shell_bounds import followed

    world, _ = followed(f"echo a > f; echo b > g; {words}")
    assert {"shell", "run"} & {event.kind for event in world.events}, words
