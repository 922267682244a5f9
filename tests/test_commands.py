"""Whatever is said as a command is one: a shell takes it, and its program is one that is meant."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import click
import pytest

from converter.cli.commands import cli
from converter.conversion import Options, convert_bytes
from converter.errors import ConversionError
from converter.findings.catalogue import CATALOGUE
from converter.findings.explanation import waiver
from converter.report.checklist import PARTS
from converter.report.model import FileReport, with_outputs
from converter.report.runbook import in_general, runbook
from converter.report.todo import as_script, todos
from tests import corpus
from tests.commandline import here, run
from tests.golden import sources
from tests.projects import stage, xml
from tests.stubs import Stubs

__all__ = ["here"]

PROGRAMS = (
    *("samweb", "upload_file", "upload_wf", "fife_launch", "jobsub_q", "jobsub_fetchlog"),
    *("sam_validate_dataset", "sam_retire_dataset", "sam_add_dataset", "hadd", "xml2poms"),
)
"""Those that somebody is told to run."""

DRAIN = "<inputdef>raw</inputdef><recurtype>consumed</recurtype><recur>1</recur>"
SOURCES = (
    xml(DRAIN),
    xml("<inputdef>it's</inputdef><prestagefraction>0.5</prestagefraction>"),
    xml("<inputlist>my list's.txt</inputlist><defname>a b</defname><datatier>raw</datatier>"),
    xml("<defname>made</defname>", "", stage("t", "<inputstream>x y</inputstream>")),
)


def with_those_below(of: click.Command, context: click.Context) -> Iterator[click.Command]:
    """A command and all of those below it."""
    yield of
    if isinstance(of, click.Group):
        for name in of.list_commands(context):
            below = of.get_command(context, name)
            assert below is not None
            yield from with_those_below(below, context)


def test_no_help_calls_a_value_by_a_function_of_python() -> None:
    unnamed = [
        f"{command.name} {param.opts[0]}"
        for command in with_those_below(cli, click.Context(cli))
        for param in command.params
        if isinstance(param.type, click.types.FuncParamType) and not param.metavar
    ]
    assert unnamed == []


@cache
def reports() -> tuple[FileReport, ...]:
    """Of the samples, of files with odd names, and of a few real ones."""
    texts = [path.read_bytes() for path in sources()] + list(SOURCES)
    with suppress(OSError):
        texts += [path.read_bytes() for path in corpus.files()[::40]]
    found = []
    for text in texts:
        for launcher in ("fife_launch", "project.py"):
            with suppress(ConversionError):
                options = Options(launcher=launcher)
                found.append(convert_bytes(text, "p.xml", experiment="dune", options=options))
    return tuple(one.report for one in found)


def commands() -> Iterator[str]:
    for report in reports():
        yield from (step.command for step in report.checklist if step.command)
        for one in report.findings:
            yield from [one.task.command] if one.task and one.task.command else []
            # Before a semicolon or a placeholder of prose an advice is what can be copied.
            if (one.advice or "").startswith(PROGRAMS) and "…" not in (one.advice or ""):
                yield str(one.advice).partition("; then ")[0]
        yield from (e.command for chapter in runbook(report) for e in chapter.entries if e.command)
    yield from (e.command for chapter in in_general() for e in chapter.entries if e.command)


def test_a_shell_runs_every_command(here: Path) -> None:
    """With stand-ins that do nothing: a word that is no program would not be found."""
    Path("bin").mkdir()
    for name in PROGRAMS:
        Path("bin", name).write_text('#!/bin/sh\nprintf "%s\\n" "$0" >> calls\n')
        Path("bin", name).chmod(0o755)
    every = sorted(set(commands()))
    assert len(every) > 50
    for command in every:
        for words in (["-n", "-c", command], ["-c", command]):
            done = subprocess.run(
                ["/bin/bash", *words],
                env={"PATH": os.path.abspath("bin")},
                capture_output=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, b""), command
    assert len(Path("calls").read_text().splitlines()) >= len(every)


@pytest.mark.parametrize("name", ["$(touch x)", "a;touch x", "it's", "--help", "-x `id`"])
def test_names_are_names_in_what_is_pasted(name: str, here: Path) -> None:
    """Neither a command, nor an option, nor more words than one."""
    Path("bin").mkdir()
    for program in PROGRAMS:
        Path("bin", program).write_text('#!/bin/sh\nprintf "%s\\0" "$@" >> words\n')
        Path("bin", program).chmod(0o755)
    made = f"<defname>{name}</defname>"
    found = convert_bytes(
        xml(made, "", stage("t", made)), "p.xml", options=Options(output=f"{name}.cfg")
    )
    report = with_outputs(found.report, [[f"{name}.cfg", f"{name}.ini"]])
    run_book = [e.command for chapter in runbook(report) for e in chapter.entries]
    steps = [step.command or "" for step in report.checklist]
    for command in (*run_book, *steps):
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            env={"PATH": os.path.abspath("bin")},
            capture_output=True,
            check=False,
        )
        assert done.stderr == b"", command
    assert sorted(os.listdir()) == ["bin", "words"]
    words = Path("words").read_text().split("\0")
    file = f"./{name}" if name.startswith("-") else name
    assert {f"{file}.cfg", f"{file}.ini", f"defname: {name}", name} <= set(words)
    for before, word in zip(words, words[1:]):
        if word == name and name.startswith("-"):
            assert before in ("-n", "--")
    assert not {f"{name}.cfg", f"{name}.ini"} & set(words) or file == name


@pytest.mark.parametrize(
    ("inside", "project", "code", "says"),
    [
        ("<inputlist>a;b</inputlist>", "", "X2P410", "write dropbox://$UPLOADS/'a;b'"),
        ("<initscript>d/`c`</initscript>", "", "X2P430", "write dropbox://$UPLOADS/'`c`'"),
        ("", "<group>a;b</group>", "X2P850", "--experiment 'a;b'"),
        (
            "<jobsub>-f /x/-a;b.root</jobsub><initscript>c</initscript>",
            "",
            "X2P620",
            "'./-a;b.root'",
        ),
    ],
)
def test_names_are_words_in_advice(inside: str, project: str, code: str, says: str) -> None:
    found = convert_bytes(xml(inside, project), "p.xml", experiment="dune").report.findings
    (advice,) = {f.advice for f in found if f.code == code}
    assert advice is not None
    assert advice.endswith(says)


def test_every_step_of_the_scripts_runs(here: Path) -> None:
    """Whatever is missing is a placeholder, which is said."""
    steps = [step for report in reports() for step in report.checklist]
    for step in steps:
        for word in step.script[2:]:
            if re.fullmatch(r"[\w.-]+\.(list|txt|cfg|ini|xml)", word):
                Path(word).touch()
    path = Path("todo.sh")
    path.write_text("".join(as_script(todos(steps, {}), "all")))
    assert subprocess.run(["/bin/bash", "-n", str(path)], check=False).returncode == 0
    done = Stubs(here).run(path, "--dry-run", *PARTS)
    assert done.returncode in (0, 3)
    assert {line.partition(": ")[0] for line in done.stderr.splitlines()} <= {"missing"}


@pytest.mark.parametrize("code", ["X2P202", "X2P432", "X2P802"])
def test_what_an_explanation_accepts_by_is_a_command(code: str, here: Path) -> None:
    Path("DIR").mkdir()
    program, *words = shlex.split(waiver(CATALOGUE[code]))
    assert program == "xml2poms"
    assert run(*words) == 0
    assert code in Path("DIR/waivers.cfg").read_text(), "where a migration of DIR looks"
