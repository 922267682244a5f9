"""The plans are what the real programs do: submissions, and the workers of both sides.

The campaign's side against fife_launch, jobsub_lite and fife_wrap, project.py's against its own
submission and condor_lar.sh; of each stage the first and the last job.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.conversion import Campaign
from converter.errors import CfgError
from converter.poms.reader import read_cfg, stage_names
from converter.projectpy.reader import read
from converter.verify.campaign.campaign import campaign_plan, launch_words
from converter.verify.campaign.real import real_words
from converter.verify.plan import Circumstances, Plan
from converter.verify.project.projectpy import project_plan
from tests import corpus, plans, programs
from tests.programs_sample import RealStage, codes, converted, profile_of, sample
from tests.test_programs_worker import FILES, REFUSED

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]

STAGES = sample(25) if corpus.CORPUS.is_dir() else []
FEWER = sample(6) if corpus.CORPUS.is_dir() else []


def files(stage: RealStage) -> tuple[str, ...]:
    return tuple(f"/pnfs/{stage.experiment}/fake/input_{n:05d}.root" for n in range(FILES))


def processes(stage: RealStage) -> list[int]:
    last = max(stage.answer["num_jobs"] - 1, 0)
    if stage.kind.startswith(("list", "stage")):
        last = min(last, FILES - 1)
    return sorted({0, last})


def projects_plan(stage: RealStage, process: int) -> Plan:
    project = read(stage.path).projects[stage.number]
    (one,) = [s for s in project.reachable if s.name.value == stage.name]
    job = Circumstances(process, files(stage), user="oracle")
    return project_plan(project, one, profile_of(stage.experiment), job)


def written(stage: RealStage, folder: Path) -> tuple[Campaign, Path]:
    """The stage's campaign, and where its campaign.cfg stands for the real programs."""
    campaign, _ = converted(stage)
    return campaign, programs.put(campaign, folder)


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_the_campaigns_submission(stage: RealStage, tmp_path: Path) -> None:
    campaign, file = written(stage, tmp_path)
    launched = programs.Launcher(file).launch(stage.name)
    job = Circumstances(user="oracle")
    plan = campaign_plan(read_cfg(campaign.cfg, "c"), stage.name, job, beside=campaign.scripts.get)
    real = plans.submission_of(launched["jobsub_final"], launched["jobsub"])
    assert plans.disagreements(plan, real) == {}


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_project_pys_submission(stage: RealStage, tmp_path: Path) -> None:
    _, file = written(stage, tmp_path)
    words, _ = programs.worker_words(stage.answer["submit"])
    theirs = programs.Launcher(file).jobsub(words, stage.experiment)
    plan = projects_plan(stage, 0)
    if theirs["error"]:
        assert plan.fields["refused"]
        return
    real = plans.submission_of(theirs["final"], theirs["jobsub"])
    # The worker's own variables are no part of the submission, nor is the dataset.
    del real["environment"], real["SAM dataset"]
    if stage.answer["submit"]["dag"]:
        # There each worker is a job of its own.
        del real["jobs"]
    # The stored answers are those of an account that is not the production one: see below.
    real.pop("role", None)
    plan = Plan(plan.stage, plan.process, {k: v for k, v in plan.fields.items() if k != "role"})
    if plan.fields.get("refused"):
        # For a list of systems the oracle pretends that there is a container.
        real.pop("container")
    assert plans.disagreements(plan, real) == {}


@pytest.mark.parametrize("stage", FEWER, ids=str)
def test_the_role_is_what_the_account_of_the_file_gets(stage: RealStage) -> None:
    plan = projects_plan(stage, 0)
    account = f"{stage.experiment}pro" if plan.fields["role"] == "Production" else "oracle"
    project = programs.submitted_by(account, stage.experiment, stage.path)[stage.number]
    (one,) = [s for s in project["stages"] if s["name"] == stage.name]
    assert f"--role={plan.fields['role']}" in json.dumps(one["submit"])


@pytest.mark.parametrize("stage", FEWER, ids=str)
def test_the_campaigns_worker(stage: RealStage, tmp_path: Path) -> None:
    campaign, conversion = converted(stage)
    file = programs.put(campaign, tmp_path)
    config = read_cfg(campaign.cfg, "c")
    overrides = programs.with_local_files(campaign.cfg, stage.name, tmp_path, list(files(stage)))
    for process in processes(stage):
        words = ["--stage", stage.name, "--process", str(process), "--input", *files(stage)]
        words += ["--experiment", stage.experiment]
        report = programs.worker(
            "campaign", file, *words, *(w for o in overrides for w in ("-O", o))
        )
        job = Circumstances(process, files(stage), user="oracle")
        plan = campaign_plan(
            config, stage.name, job, overrides=overrides, beside=campaign.scripts.get
        )
        if report.get("status"):
            # Without input, or without an fcl file that the oracle does not have.
            lost = {"X2P304", "X2P305", "X2P308"} & codes(stage, conversion)
            assert lost or "it fails" in str(plan.fields.get("input files"))
            continue
        assert plans.disagreements(plan, plans.job_of(report)) == {}


@pytest.mark.parametrize("stage", FEWER, ids=str)
def test_project_pys_worker(stage: RealStage) -> None:
    _, conversion = converted(stage)
    for process in processes(stage):
        words = ["--stage", stage.name, "--process", str(process), "--input", *files(stage)]
        words += ["--experiment", stage.experiment, "--project", stage.project, "--any-os"]
        report = programs.worker("project", stage.path, *words)
        plan = projects_plan(stage, process)
        if report.get("error") or report["status"]:
            assert REFUSED & codes(stage, conversion) or "it fails" in str(plan.fields)
            continue
        assert plans.disagreements(plan, plans.job_of(report)) == {}


@pytest.mark.parametrize("stage", sample(2) if corpus.CORPUS.is_dir() else [], ids=str)
def test_the_words_of_the_real_fife_launch(
    stage: RealStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIFE_UTILS_DIR", f"{corpus.REF_ROOT}/fnal-fife+fife-utils")
    campaign, file = written(stage, tmp_path)
    followed = launch_words(read_cfg(campaign.cfg, "c"), stage.name, Circumstances())
    assert real_words(file, stage.name, "USER") == followed


def _public() -> list[Path]:
    """The experiments' own campaign files among the checkouts."""
    found = sorted(Path(corpus.REF_ROOT).glob("*/**/*.cfg")) if corpus.REF_ROOT else []
    return [p for p in found if "\n[submit]" in p.read_text(errors="replace")]


@pytest.mark.parametrize("cfg", _public(), ids=lambda p: p.stem)
def test_real_public_campaigns(cfg: Path) -> None:
    """Written by hand, some of them years ago: taken as fife_launch takes them, or refused."""

    def beside(name: str) -> str | None:
        path = cfg.parent / name
        return path.read_text() if path.is_file() else None

    launcher = programs.Launcher(cfg)
    job = Circumstances(0, tuple("abcde"), "oracle", launch=launcher.oracle.scratch.base)
    try:
        config = read_cfg(cfg.read_text(), cfg.name, find=beside)
        stages = stage_names(config)[:3]
    except CfgError:
        assert "launch" in launcher.launch("none")["errors"]
        return
    for stage in stages:
        launched = launcher.launch(stage)
        try:
            plan = campaign_plan(config, stage, job)
        except CfgError:
            assert not launched["ok"], stage
            continue
        if not launched["jobsub_final"]:
            assert plan.fields["refused"], launched["error"]
            continue
        real = plans.submission_of(launched["jobsub_final"], launched["jobsub"])
        assert plans.disagreements(plan, real) == {}, stage
