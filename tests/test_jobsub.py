"""The vocabulary of jobsub_lite, and the words of a command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

from converter.poms.jobsub import (
    OPTIONS,
    OPTIONS_BY_KEY,
    Option,
    find,
    is_misread_in_job,
    parse,
    unprotect,
)
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


MISREAD = [
    ("r", ['v1"x']),
    ("d", ["A", "/x(2)"]),
    ("d", ["A-B", "/x"]),
    ("i", ["a;b"]),
    ("t", ["it's"]),
    ("L", ["#x"]),
    ("L", ["$(date)"]),
    ("f", ["a&b"]),
    ("tar_file_name", ["a b.tar"]),
    ("role", ["a|b"]),
]
READ = [
    ("r", ["v1 -q e20:prof"]),
    ("d", ["A_1", "/x/$CLUSTER/${PROCESS}"]),
    ("L", ["/x/a#1,b=c+d@e.log"]),
    ("f", ["/pnfs/é/*.root"]),
    ("site", ["it's"]),
]


@pytest.mark.parametrize(
    ("key", "values", "misread"),
    [*((*one, True) for one in MISREAD), *((*one, False) for one in READ)],
)
def test_what_the_shell_of_the_job_misreads(key: str, values: list[str], misread: bool) -> None:
    assert is_misread_in_job(OPTIONS_BY_KEY[key], values) == misread


@corpus.needs_programs
@pytest.mark.filterwarnings("default")
def test_the_values_without_quotes_are_those_of_the_real_template(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sys.path.insert(0, str(corpus.SHARED / "tools"))
    import launch_oracle

    monkeypatch.setenv("USER", "oracle")
    scratch = launch_oracle.Scratch(corpus.REF_ROOT, "oracle", [], {})
    jobsub = launch_oracle.JobsubLite(scratch)
    env = {**scratch.base, "GROUP": "dune"}
    (tmp_path / "worker.sh").touch()

    def script(option: Option) -> list[str]:
        """The lines of the job's script in which the value is."""
        given = [option.names[0], *["marker"] * (2 if option.kind == "pair" else 1)]
        argv = ["-G", "dune", *given, f"file://{tmp_path}/worker.sh"]
        values = jobsub.run(argv, env, str(tmp_path))["values"]
        more = {"tar_file_orig_basenames": ["x"], "token": "t", "oauth_handle": "0", "proxy": None}
        with launch_oracle.process_state(env):
            jobsub.render_files.render_files(jobsub.templates, {**values, **more}, str(tmp_path))
        text = (tmp_path / "simple.sh").read_text()
        return [x for x in text.split("\n") if "marker" in x and not x.lstrip().startswith("#")]

    # What the campaign decides itself, and what jobsub_lite checks against a list.
    aside = ("G", "e", "skip-check", "auth-methods", "global-pool", "schedd-for-testing")
    texts = [
        option
        for option in OPTIONS_BY_KEY.values()
        if option.kind in ("value", "pair") and not option.unit and option.key not in aside
    ]
    quoted = {"pair": ["A", "'"], "value": ["'"]}
    ours = {option.key for option in texts if is_misread_in_job(option, quoted[option.kind])}
    assert {option.key for option in texts if script(option)} == ours


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
