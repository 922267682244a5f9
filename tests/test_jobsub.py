"""The vocabulary of jobsub_lite, and the words of a command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

from converter.poms.jobsub import OPTIONS, find, parse, unprotect
from converter.text import Text
from tests import corpus


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("plain", "plain"),
        ("'(A==1)'", "(A==1)"),
        (r"+X=\"a\"", '+X="a"'),
        ("-e A='b'", "-e A=b"),
        (r"a\\b", r"a\b"),
        ("it's", "it's"),
    ],
)
def test_jobsub_lites_own_layer(word: str, expected: str) -> None:
    assert str(unprotect(Text(word))) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--memory=3GB", [("memory", ["3GB"])]),
        ("--memory 3GB -N5", [("memory", ["3GB"]), ("N", ["5"])]),
        ("-e A=B", [("e", ["A=B"])]),
        ("--environment=A=B", [("e", ["A=B"])]),
        ("-d TAG /dir", [("d", ["TAG", "/dir"])]),
        ("--blacklist=X", [("blocklist", ["X"])]),
        ("--unknown value --site=X", [(None, ["value"]), ("site", ["X"])]),
        ("--nfile 3 --site=X", [(None, ["3"]), ("site", ["X"])]),
        ("-M --site=X", [(None, []), ("site", ["X"])]),
    ],
)
def test_words_to_options(line: str, expected: list[tuple[str | None, list[str]]]) -> None:
    found = [
        (given.option.key if given.option else None, [str(v) for v in given.values])
        for given in parse(tuple(Text(line).split()))
    ]
    assert found == expected


def test_an_option_may_be_shortened_as_long_as_it_is_clear() -> None:
    assert find("--expected") is OPTIONS["--expected-lifetime"]
    assert find("--mail") is None
    assert find("-x") is None


@corpus.needs_programs
@pytest.mark.filterwarnings("default")
def test_the_vocabulary_is_that_of_the_real_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    sys.path.insert(0, str(corpus.SHARED / "tools"))
    import launch_oracle  # type: ignore[import-not-found]

    monkeypatch.setenv("USER", "oracle")
    scratch = launch_oracle.Scratch(corpus.REF_ROOT, "oracle", [], {})
    jobsub = launch_oracle.JobsubLite(scratch)
    with launch_oracle.process_state(scratch.base):
        parser: argparse.ArgumentParser = jobsub.get_parser.get_parser()
    real = {name: a for a in parser._actions for name in a.option_strings}
    assert set(OPTIONS) == set(real) - {"-h", "--help"}
    for name, action in real.items():
        if name in ("-h", "--help"):
            continue
        kind = OPTIONS[name].kind
        takes = 2 if action.nargs == 2 else 0 if action.nargs == 0 else 1
        assert takes == {"value": 1, "pair": 2}.get(kind, 0), name
    assert Path(os.fspath(corpus.REF_ROOT)).is_dir()
