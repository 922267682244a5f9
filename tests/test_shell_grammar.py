"""Our shell's grammar is bash's: shfmt reads the same, or ours says that it does not follow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pytest

from converter.conversion import profile_for
from converter.errors import ConversionError
from converter.expected import as_converted
from converter.mapping.campaign import map_project
from converter.poms.factor import factor
from converter.poms.writer import write_cfg
from converter.projectpy.reader import read
from converter.shell import shell
from converter.shell.syntax import NotFollowedError
from converter.verify.verification import verify
from tests import corpus, golden, shfmt
from tests.test_shell import SCRIPTS
from tests.test_shell_bounds import FOLLOWED_WHOLE, NOT_FOLLOWED

pytestmark = pytest.mark.skipif(not shfmt.PROGRAM.exists(), reason="shfmt is not installed")


def disagreement(script: str) -> object:
    """Both trees where they are not the same; None where ours says that it does not follow."""
    try:
        ours = shfmt.our_tree(script)
    except NotFollowedError:
        return None
    real = shfmt.real_tree(script)
    return None if ours == real else (script, ours, real)


PIECES = [
    "A=1 B=\"x y\" foo 'a b' $x >out 2>&1 && ! bar | baz || { qux; } # end",
    "if a; then b; elif c; then d; else e; fi > f",
    "for i in 1 2; do (echo $i); done < f; for j; do k; done",
    "while read x; do :; done; until a; do b; done",
    "case $x in a|b) c;; (*) d ;; esac",
    "f() { cat <<EOT; }\nhello $x\nEOT\nfunction g { h; }",
    "cat <<-'E' <<F\n\tt\n\tE\nu\nF\nx",
    'a $(b `c` "$(d \')\')") "${e:-$(f "g")}" $((1 + (2 * 3))) h#i \\\n  j',
    "a;b\n\n#c\nd &> e\nf >> g 3< h\ni <<< j",
    'export A=b; local c="d e"; [[ a == b ]] && c; ! { a; }',
]


@pytest.mark.parametrize("script", [*PIECES, *SCRIPTS, *FOLLOWED_WHOLE])
def test_pieces_of_grammar(script: str) -> None:
    assert disagreement(script) is None
    shfmt.our_tree(script)


@pytest.mark.parametrize(
    "script",
    [
        *NOT_FOLLOWED,
        *("a & b", "a=(1 2)", "export a=(1 2)", "((a))", "for ((;;)); do a; done", "a |& b"),
        *("select a in b; do c; done", "time a", "coproc a", "a <(b)", "a > >(b)", "a $'b'"),
        *(
            "case a in b) c;& esac",
            "a+=b",
            "a[1]=b",
            "if a; then b; fi c",
            "{ a; } b",
            "let a=b",
            "a=$[1+1]",
        ),
    ],
)
def test_what_ours_reads_otherwise_it_does_not_follow(script: str) -> None:
    assert disagreement(script) is None


@cache
def scripts_of(path: Path) -> tuple[str, ...]:
    """Every script that is read while the campaigns of a file are followed."""
    found: dict[str, None] = {}
    parse = shell.parse

    def noting(text: str) -> object:
        found[text] = None
        return parse(text)

    shell.parse = noting  # type: ignore[assignment]
    try:
        reading = read(path)
        profile = profile_for(reading, None, None)
        for index, project in enumerate(reading.projects):
            text = write_cfg(
                factor(map_project(reading.projects, index, profile, path.name).config)
            )
            usual = partial(as_converted, reading.projects, profile, path.name, "campaign.cfg")
            verify(reading.projects, profile, text, usual, project=project.name.value)
    except ConversionError:
        pass  # Nothing comes of it.
    finally:
        shell.parse = parse
    return tuple(found)


def of_all(paths: list[Path]) -> Iterator[str]:
    yield from dict.fromkeys(script for path in paths for script in scripts_of(path))


SAMPLES = sorted((golden.SAMPLES / "xml").glob("*.xml"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_scripts_of_the_samples(path: Path) -> None:
    found = scripts_of(path)
    assert found
    assert [d for script in found if (d := disagreement(script))] == []


@corpus.needs_corpus
@pytest.mark.parametrize(
    "every",
    [pytest.param(60, id="some"), pytest.param(1, id="all")],
)
@pytest.mark.long
def test_scripts_of_the_corpus(every: int) -> None:
    found = list(of_all(list(corpus.files()[::every])))
    assert found
    assert [d for script in found if (d := disagreement(script))] == []


@pytest.mark.skipif(not corpus.REF_ROOT, reason="REF_ROOT does not name the real programs")
@pytest.mark.long
def test_public_scripts() -> None:
    read = refused = 0
    wrong = []
    for path in sorted(Path(corpus.REF_ROOT).rglob("*.sh")):
        if not os.path.isfile(path):
            continue
        script = path.read_text(errors="replace")
        try:
            found = disagreement(script)
        except shfmt.RefusedError:
            refused += 1
            continue
        read += 1
        wrong += [(path.name, found)] if found else []
    assert read > 10 * refused
    assert wrong == []
