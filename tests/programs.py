"""The real programs of both sides, and what a stage must have in common in both.

Needs REF_ROOT (checkouts of larbatch, fife-utils, jobsub_lite, …) and the oracles beside the
project; see tests/corpus.py.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from converter.conversion import Campaign
from converter.poms.reader import resolve
from tests import corpus

OWN_ENVIRONMENT = {"SAM_EXPERIMENT", "SAM_GROUP", "SAM_STATION", "IFDH_CP_MAXRETRIES"}


@cache
def _tools() -> Any:
    sys.path.insert(0, str(corpus.SHARED / "tools"))
    import launch_oracle  # type: ignore[import-not-found]

    return launch_oracle


def put(campaign: Campaign, folder: Path) -> Path:
    """Write a campaign's files; the path of its campaign.cfg."""
    for name, text in campaign.files.items():
        (folder / name).write_text(text)
    return folder / next(iter(campaign.files))


class Launcher:
    """fife_launch, jobsub_lite and fife_wrap on one campaign.cfg, launched in its folder."""

    def __init__(self, cfg: Path, *overrides: str) -> None:
        options = argparse.Namespace(
            cfg=str(cfg),
            include=[],
            env=[f"UPLOADS={cfg.parent}"],
            user="oracle",
            override=list(overrides),
            job=True,
            submit_file=False,
            debug=False,
            timeout=60.0,
            jobs=1,
        )
        self.oracle = _tools().Oracle(options, corpus.REF_ROOT)

    def launch(self, stage: str) -> dict[str, Any]:
        result: dict[str, Any] = self.oracle.run(stage)
        return result

    def jobsub(self, argv: list[str], group: str) -> dict[str, Any]:
        """What jobsub_lite makes of project.py's own words."""
        folder = self.oracle.scratch.path("empty")
        program = self.oracle.scratch.path("empty", "worker.sh")
        Path(program).touch()
        words = [f"file://{program}" if w.startswith("file://") else w for w in argv]
        env = dict(self.oracle.scratch.base, GROUP=group)
        result: dict[str, Any] = self.oracle.jobsub.run(words, env, folder)
        Path(program).unlink()
        return result


def worker_words(submit: dict[str, Any]) -> tuple[list[str], list[str]]:
    """project.py's submission of one worker: words for jobsub_submit, words for the worker."""
    argv = submit["argv"][1:]
    if submit["dag"]:
        lines = submit["dag"].split("\n")
        line = next(x for x in lines if x.startswith("jobsub_submit") and "wrapper.fcl" in x)
        argv = line.split()[1:]
    at = next(i for i, word in enumerate(argv) if word.startswith("file://"))
    return argv[: at + 1], [word.strip() for word in argv[at + 1 :]]


def after(words: list[str], option: str) -> list[str]:
    return [words[i + 1] for i, word in enumerate(words[:-1]) if word == option]


def wrapper_texts(submit: dict[str, Any], process: int) -> list[list[str]]:
    """The lines of each substage's fcl, as the worker runs it."""
    _, words = worker_words(submit)
    texts = []
    for part in submit["wrapper_fcl"].split("#---STAGE")[1:]:
        lines = [line.strip() for line in part.split("\n")[1:]]
        texts.append([x for x in lines if x and x != "#---END_STAGE"])
    reads = any(option in words for option in ("-s", "-S", "--sam_defname"))
    if not reads or "textfile" in after(words, "--inputmode"):
        texts[0].append(f"source.firstSubRun: {process + 1}")
    if "textfile" in after(words, "--inputmode"):
        texts[0].append("physics.producers.generator.InputFileName:")
    return texts


def written_wrappers(campaign: Campaign, stage: str, process: int) -> dict[str, list[str]]:
    """The fcl files that the prescripts write, as a real bash writes them."""
    setup = resolve(campaign.cfg, stage)["job_setup"]
    lines = [v for k, v in setup.items() if k.startswith("prescript_")]
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder, "input")
        inside.mkdir()
        for name, text in campaign.scripts.items():
            (inside / name).write_text(text)
        env = {
            "PATH": os.environ["PATH"],
            "PROCESS": str(process),
            "CLUSTER": "7",
            "CONDOR_DIR_INPUT": str(inside),
        }
        subprocess.run(
            ["bash"],
            input="\n".join(lines) + "\n",
            cwd=folder,
            env=env,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )
        return {
            path.name: [x.strip() for x in path.read_text().split("\n") if x.strip()]
            for path in sorted(Path(folder).glob("*.fcl"))
        }


def differences(
    launched: dict[str, Any],
    submit: dict[str, Any],
    theirs: dict[str, Any],
    campaign: Campaign,
    stage: str,
) -> dict[str, tuple[Any, Any]]:
    """Where a launch differs from project.py's submission: field → (theirs, ours)."""
    found: dict[str, tuple[Any, Any]] = {}

    def same(field: str, expected: Any, got: Any) -> None:
        if expected != got:
            found[field] = (expected, got)

    ours, final = launched["jobsub_final"], theirs["final"]
    _, words = worker_words(submit)
    same("group", after(words, "--group")[0], launched["jobsub"]["group"])
    same("N", submit["njobs"], int(ours["N"] or 1))
    for field in (
        "memory",
        "disk",
        "cpu",
        "site",
        "blocklist",
        "usage_model",
        "OS",
        "expected_lifetime",
        "timeout",
        "singularity_image",
    ):
        same(field, final.get(field), ours.get(field))
    same("resource", final["resource_provides_quoted"], ours["resource_provides_quoted"])
    same(
        "requirements",
        set(final["append_condor_requirements"]),
        set(ours["append_condor_requirements"]),
    )
    same("lines", sorted(final["lines"]), sorted(ours["lines"]))
    same(
        "environment",
        sorted(final["environment"]),
        sorted(e for e in ours["environment"] if e.partition("=")[0] not in OWN_ENVIRONMENT),
    )
    tars = [t for t in theirs["jobsub"].get("tar_file_name", []) if "/TMPWORKDIR/" not in t]
    same("tarball", tars, launched["jobsub"].get("tar_file_name", []))
    dataset = after(words, "--sam_defname")
    if dataset:
        same("dataset", dataset[0], launched["jobsub"].get("dataset_definition"))
        limit = after(words, "--nfile")
        same("files per job", int(limit[0]) if limit else None, launched["wrap"].get("limit"))
    _software(words, launched, same)
    _fcl(submit, campaign, stage, same)
    _arguments(words, launched, same, len(wrapper_texts(submit, 0)))
    return found


def _software(words: list[str], launched: dict[str, Any], same: Any) -> None:
    release = after(words, "-r")
    expected = [
        " ".join([product, *release, "-q", after(words, "-b")[0]])
        for product in after(words, "--ups")[0].replace(",", " ").split()
    ]
    same("products", expected, launched["wrap"].get("setup_unquote", []))


def _fcl(submit: dict[str, Any], campaign: Campaign, stage: str, same: Any) -> None:
    expected = wrapper_texts(submit, 1)
    written = written_wrappers(campaign, stage, 1)
    several = len(expected) > 1
    for k, lines in enumerate(expected):
        name = f"wrapper{k if several else ''}.fcl"
        included = re.findall(r'#include "(.*)"', lines[0])[0]
        got = written.get(name, [f'#include "{included}"'])
        if lines[-1].endswith("InputFileName:"):
            got = [re.sub(r"(InputFileName:).*", r"\1", line) for line in got]
        same(f"fcl {k}", lines, got)


def _arguments(words: list[str], launched: dict[str, Any], same: Any, substages: int) -> None:
    run = launched["job"]["run"][0] if launched["job"] else []
    events = int(after(words, "-n")[0])
    reads = any(option in words for option in ("-s", "-S", "--sam_defname"))
    jobs = int((after(words, "--njobs") or ["1"])[0])
    if not reads or "textfile" in after(words, "--inputmode"):
        # The oracle's job is process 0; bash rounds towards 0.
        events = int(events / jobs)
    expected = {"-n": str(events)} if events else {}
    output = after(words, "--output")
    if output:
        name = output[0].split(":")[0]
        if name:
            name = re.sub(r"\.root$", "", name.rsplit("/", 1)[-1]) + "0.root"
            expected["-o"] = re.sub(r"\$\{?PROCESS\}?", "0", name)
    for option, ours in (
        ("--TFileName", "-T"),
        ("--nthreads", "--nthreads"),
        ("--nschedules", "--nschedules"),
    ):
        if after(words, option):
            expected[ours] = after(words, option)[0]
    got = {}
    for option in ("-n", "-o", "-T", "--nthreads", "--nschedules"):
        if option in run:
            got[option] = run[run.index(option) + 1]
    same("arguments", expected, got)
    exe = (after(words, "--exe") or ["lar"])[0].split(":")[0] or "lar"
    if run and run[0] != "./run_lar.sh":
        same("executable", exe, run[0])


# -- the workers --------------------------------------------------------------------------


def worker(kind: str, file: Path, *words: str) -> dict[str, Any]:
    """One job of one stage, by the real worker program of either side."""
    program = corpus.SHARED / "tools" / "worker_oracle.py"
    if kind == "campaign":
        words = (*words, "--launch-env", f"UPLOADS={file.parent}")
    done = subprocess.run(
        [sys.executable, str(program), kind, str(file), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    try:
        result: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"error": done.stderr[-300:]}
    if kind == "campaign" and "order" in result:
        # A campaign's own scripts are no hooks: the oracle sees those that are files.
        own = rf"(run|source) (run_lar\.sh|{re.escape(file.stem)}-\S+)( |$)"
        result["order"] = [line for line in result["order"] if not re.match(own, line)]
    return result


def submitted_by(user: str, experiment: str, xml: Path) -> list[dict[str, Any]]:
    """The projects of a file with what the real project.py submits when that user runs it."""
    words = ["--command", "--any-os", "--experiment", experiment, "--user", user, str(xml)]
    done = subprocess.run(
        [sys.executable, str(corpus.SHARED / "tools" / "projectpy_oracle.py"), *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "REF_ROOT": corpus.REF_ROOT},
    )
    projects: list[dict[str, Any]] = json.loads(done.stdout)["projects"]
    return projects


def compare(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    sys.path.insert(0, str(corpus.SHARED / "tools"))
    import worker_oracle  # type: ignore[import-not-found]

    result: list[dict[str, Any]] = worker_oracle.compare(one, other)
    return result


def with_local_files(cfg: str, stage: str, folder: Path, files: list[str]) -> list[str]:
    """Overrides by which what a campaign ships exists: lists, scripts, fcl files, tarballs.

    But for what lies beside it.
    """
    overrides = []
    for key, value in resolve(cfg, stage)["submit"].items():
        match = re.fullmatch(r"'?(?:dropbox://)?(.*?)'?", value)
        if not (key.startswith("f_") and match) or "UPLOADS" in value:
            continue
        path = folder / Path(match.group(1)).name
        if path.suffix in (".sh", ".py", ".bash"):
            path.write_text("#!/bin/bash\n")
            path.chmod(0o755)
        elif path.suffix == ".fcl":
            continue  # the other side has none either
        else:
            path.write_text("".join(f"{name}\n" for name in files))
        overrides.append(f"submit.{key}=dropbox://{path}")
    return overrides


__all__ = [
    "Launcher",
    "after",
    "compare",
    "differences",
    "put",
    "shlex",
    "with_local_files",
    "worker",
    "worker_words",
    "wrapper_texts",
    "written_wrappers",
]
