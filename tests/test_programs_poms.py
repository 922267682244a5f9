"""The real POMS server imports the campaigns, and what it launches launches.

Needs REF_ROOT, and POMS_PYTHON: the interpreter that tools/poms_setup.sh prints.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from converter.conversion import Conversion, Options, convert, convert_bytes
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.poms.ini import CampaignIni, JobType, LoginSetup, read_ini
from converter.projectpy.reader import read
from tests import corpus, golden, programs, projects
from tests.commandline import here, run
from tests.programs_sample import RealStage, profile_of, real_stages
from tests.stubs import Stubs

__all__ = ["here"]

POMS_PYTHON = os.environ.get("POMS_PYTHON", "")

pytestmark = [
    corpus.needs_programs,
    pytest.mark.skipif(not POMS_PYTHON, reason="POMS_PYTHON does not name an interpreter"),
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]


def imported(ini: Path) -> dict[str, Any]:
    """What the server makes of a campaign.ini."""
    (answer,) = all_imported([ini])
    return answer


def all_imported(inis: Sequence[Path]) -> list[dict[str, Any]]:
    """What one server makes of several, each in a database of its own."""
    program = corpus.SHARED / "tools" / "poms_import.py"
    done = subprocess.run(
        [POMS_PYTHON, str(program), "--launch", *map(str, inis)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300 * len(inis),
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def comparable(campaign: CampaignIni) -> dict[str, Any]:
    """A campaign without what the server's export changes: the order, and how numbers look."""
    return {
        "name": campaign.name,
        "stages": {
            stage.name: (
                {**stage.values, "completion_pct": float(stage.values["completion_pct"])},
                set(stage.dependencies),
            )
            for stage in campaign.stages
        },
        "job_types": set(campaign.job_types),
        "login_setup": campaign.login_setup,
    }


def put(folder: Path, conversion: Conversion) -> dict[str, str]:
    """All files of a document's campaigns; projects that feed each other have one .ini."""
    files = {n: text for one in conversion.campaigns for n, text in one.files.items()}
    for name, text in files.items():
        (folder / name).write_text(text)
    return files


def check(folder: Path, files: dict[str, str], ini: str, launcher: str = FIFE_LAUNCH) -> None:
    """Import, compare with what is meant, and launch every command that the server builds."""
    meant = read_ini(files[ini])
    answer = imported(folder / ini)
    assert (answer["status"], answer["message"], answer["ok"]) == ("201 Created", "OK", True)
    found = {stage["name"]: stage for stage in answer["stages"]}
    assert set(found) == {stage.name for stage in meant.stages}
    waits = {d["stage"]: d["waits_for"] for d in answer["dependencies"]}
    for stage in meant.stages:
        server = found[stage.name]
        assert server["dataset"] == stage.values["dataset_or_split_data"]
        assert server["cs_split_type"] == stage.values["cs_split_type"]
        assert server["campaign_stage_type"] == stage.values["stage_type"]
        assert server["param_overrides"] == json.loads(stage.values["param_overrides"])
        assert server["leading"] is (not stage.dependencies)
        assert (
            [waits[stage.name]] == [d.producer for d in stage.dependencies]
            if (stage.dependencies)
            else stage.name not in waits
        )
    assert comparable(read_ini(answer["export"])) == comparable(meant)
    for name, launch in answer["launch"].items():
        for kind in ("normal", "test"):
            assert not launch[kind].get("error"), (name, kind, launch[kind])
            words = shlex.split(launch[kind]["command"])
            assert words[0] == launcher
            if launcher == PROJECT_PY:
                assert "--submit" in words
                continue
            cfg = words[words.index("-c") + 1].rpartition("/")[2]
            assert cfg in files
            overrides = [word[2:] for word in words if word.startswith("-O")]
            launched = programs.Launcher(folder / cfg, *overrides).launch(name)
            assert launched["ok"], (name, kind, launched["errors"])
            if kind == "test":
                assert int(launched["jobsub_final"]["N"] or 1) == 1


@pytest.mark.parametrize("launcher", [FIFE_LAUNCH, PROJECT_PY])
@pytest.mark.parametrize("source", golden.sources(), ids=lambda p: p.stem)
def test_samples(source: Path, launcher: str, tmp_path: Path) -> None:
    conversion = convert_bytes(source.read_bytes(), source.name, options=Options(launcher=launcher))
    files = put(tmp_path, conversion)
    for name in files:
        if name.endswith(".ini"):
            check(tmp_path, files, name, launcher)


@cache
def _real_files() -> list[RealStage]:
    """At least 100 real files, of all kinds of stages."""
    chosen: dict[Path, RealStage] = {}
    for stages in real_stages().values():
        for stage in stages[:11]:
            chosen.setdefault(stage.path, stage)
    return list(chosen.values())


@pytest.mark.parametrize("real", _real_files() if corpus.CORPUS.is_dir() else [], ids=str)
def test_real_files(real: RealStage, tmp_path: Path) -> None:
    conversion = convert(read(real.path), profile_of(real.experiment), source=real.path.name)
    names = [campaign.project for campaign in conversion.campaigns]
    campaign = conversion.campaigns[names.index(real.project)]
    ini = next(n for n in campaign.files if n.endswith(".ini"))
    check(tmp_path, put(tmp_path, conversion), ini)


@pytest.mark.parametrize(
    "xml",
    sorted((corpus.SHARED / "examples").glob("*/project.xml")),
    ids=lambda p: p.parent.name,
)
def test_examples_are_the_campaigns_written_by_hand(xml: Path) -> None:
    by_hand = read_ini((xml.parent / "campaign.ini").read_text())
    data = xml.read_bytes()
    conversion = convert_bytes(data, xml.name, experiment=by_hand.experiment)
    ours = read_ini(conversion.campaigns[0].ini)
    assert (ours.name, ours.experiment, ours.role) == (
        by_hand.name,
        by_hand.experiment,
        by_hand.role,
    )
    for one, other in zip(ours.stages, by_hand.stages):
        assert one.name == other.name
        assert one.dependencies == other.dependencies
        for key in (
            "vo_role",
            "software_version",
            "dataset_or_split_data",
            "cs_split_type",
            "stage_type",
            "completion_pct",
        ):
            assert one.values[key] == other.values[key], key
        assert json.loads(one.values["param_overrides"])[1] == ["--stage ", one.name]
        handed = ["-Oglobal.sam_dataset=", "%(dataset)s"]
        assert (handed in json.loads(one.values["param_overrides"])) is (
            handed in json.loads(other.values["param_overrides"])
        )


# -- the script of the checklist --------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Stubs]:
    """The real server, with what the script needs to speak to it: the real poms_client."""
    stubs = Stubs(tmp_path)
    for name in ("ssh", "scp", "kinit", "klist"):
        (stubs.folder / name).write_text("#!/bin/sh\n")
        (stubs.folder / name).chmod(0o755)
    command = [POMS_PYTHON, str(Path(__file__).parent / "poms_server.py")]
    command += [str(corpus.SHARED / "tools" / "poms_import.py"), "dune"]
    path = f"{stubs.folder}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": path},
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    (stubs.folder / "poms_client.py").unlink()
    (stubs.folder / "python3").unlink()
    # Not a link: a virtual environment is known by where its interpreter is.
    (stubs.folder / "python3").write_text(f'#!/bin/sh\nexec {POMS_PYTHON} "$@"\n')
    (stubs.folder / "python3").chmod(0o755)
    base = f"http://127.0.0.1:{port}/poms"
    (stubs.folder / "bin").mkdir()
    (stubs.folder / "bin" / "client.cfg").write_text(
        f"[url]\nbase_prod = {base}\nbase_prod_tokens = {base}\n"
    )
    (stubs.folder / "proxy").touch()
    stubs.environment |= {
        "PYTHONPATH": str(Path(corpus.REF_ROOT, "fermitools+poms", "poms_client", "python")),
        "POMS_CLIENT_DIR": str(stubs.folder),
        "X509_USER_PROXY": str(stubs.folder / "proxy"),
    }
    yield stubs
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


def test_the_script_uploads_and_launches_and_does_so_once(server: Stubs, here: Path) -> None:
    """In the real server: two stages that wait for none, one of which drains its dataset."""
    drain = (
        "<inputdef>raw</inputdef><recurdef>raw_p</recurdef><recur>1</recur>"
        "<recurtype>snapshot</recurtype><recurlimit>7</recurlimit>"
    )
    other = projects.stage("t", "<previousstage>none</previousstage>")
    Path("p.xml").write_bytes(projects.xml(drain, "", other))
    command = ["p.xml", "-o", "c.cfg", "--todo", "todo.sh", "--experiment", "dune", "-q"]
    assert run(*command) == 0
    parts = ("uploads", "campaigns", "tests", "launches")
    first = server.run(Path("todo.sh"), *parts)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("launched: submission") == 4
    again = server.run(Path("todo.sh"), *parts)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("launched: submission") == 0
    assert again.stdout.count("launched already") == 4


# -- all campaigns in one server --------------------------------------------------------------


def test_the_whole_corpus_in_one_database(here: Path) -> None:
    """No warning but for what is there already, and that has the same content."""
    assert run("migrate", str(corpus.CORPUS), "-o", "out", "-q", "--no-pages") == 3
    files = sorted(map(str, Path("out").rglob("*.ini")))
    program = corpus.SHARED / "tools" / "poms_import.py"
    done = subprocess.run(
        [POMS_PYTHON, str(program), "--shared", *files], capture_output=True, text=True, check=False
    )
    known: dict[tuple[str, str], JobType | LoginSetup] = {}
    for file, line in zip(files, done.stdout.splitlines()):
        answer = json.loads(line)
        assert answer["status"] == "201 Created", (file, answer["message"])
        own = read_ini(Path(file).read_text())
        there = set()
        for one in (*own.job_types, own.login_setup):
            key = (own.experiment, one.name)
            if key in known:
                there.add(one.name)
            assert known.setdefault(key, one) == one, "the same name and another content"
        said = answer["message"] if isinstance(answer["message"], list) else []
        warned = [message.split("'")[1] for message in said]
        assert set(warned) == there, file
        assert all(one.endswith("already exists and will not change.") for one in said)
    logins = [(e, one) for (e, _), one in known.items() if isinstance(one, LoginSetup)]
    assert len(logins) == len({(e, one.account, one.host) for e, one in logins})
