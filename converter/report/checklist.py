"""What is left to do until the campaign runs, in order, with commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from converter.findings.finding import Finding
from converter.poms.ini import CampaignIni
from converter.report.model import Step

__all__ = ["checklist"]


def checklist(
    ini: CampaignIni, files: Sequence[str], findings: Iterable[Finding], project: str, samweb: str
) -> tuple[Step, ...]:
    """The steps of one campaign; only those that it needs.

    files     what has to be uploaded for a launch, and last the campaign.ini itself
    findings  those about the project
    samweb    how samweb is called for its datasets
    """
    own = [f for f in findings if f.project in (None, project)]
    return tuple(_steps(ini, files, own, project, samweb))


def _steps(
    ini: CampaignIni, files: Sequence[str], findings: list[Finding], project: str, samweb: str
) -> Iterator[Step]:
    client = f"--experiment {ini.experiment} --poms_role {ini.role}"
    yield from _credentials(ini, client, project)
    tasks = [f.task for f in findings if f.task is not None]
    lists = list(dict.fromkeys(task.what for task in tasks if task.kind == "upload"))
    for name in (*files[:-1], *lists):
        yield Step("upload", f"upload {name}", f"upload_file {client} {shlex.quote(name)}", project)
    made = {t.command: t.what for t in tasks if t.kind == "define" and t.command}
    for command, dataset in made.items():
        yield Step("define", "define a dataset", command, project, dataset)
    for dataset in _leading_datasets(ini):
        command = f"{samweb} prestage-dataset --defname={shlex.quote(dataset)}"
        yield Step("prestage", f"bring dataset {dataset} to disk", command, project, dataset)
    yield Step(
        "upload", "upload the campaign", f"upload_wf {client} {shlex.quote(files[-1])}", project
    )
    leading = [stage.name for stage in ini.stages if not stage.dependencies]
    if any(stage.values["test_param_overrides"] != "[]" for stage in ini.stages):
        what = f"in POMS, campaign {ini.name}: launch test jobs of stage {leading[0]}"
        yield Step("launch", what, None, project)
    if len(leading) == 1:
        yield Step("launch", f"in POMS: launch campaign {ini.name}", None, project)
    else:
        names = ", ".join(leading)
        yield Step(
            "launch",
            f"in POMS, campaign {ini.name}: launch stages {names} one by one",
            None,
            project,
        )


def _credentials(ini: CampaignIni, client: str, project: str) -> Iterator[Step]:
    """What the server looks for when it launches (JobsPOMS.py, poms_service.py)."""
    experiment = ini.experiment
    if ini.role == "production":
        login = ini.login_setup
        yield Step(
            "credentials",
            f"see that {login.account}@{login.host} has the proxy "
            f"/opt/{experiment}pro/{experiment}pro.Production.proxy and the vault token "
            f"vt_{experiment}_production_USER",
            None,
            project,
        )
        return
    yield Step(
        "credentials",
        f"upload your proxy, x509up_voms_{experiment}_Analysis_$USER",
        f"upload_file {client} --proxy",
        project,
    )
    yield Step(
        "credentials",
        f"upload your vault token, vt_{experiment}_Analysis_$USER",
        f"upload_file {client} --vaulttoken",
        project,
    )


def _leading_datasets(ini: CampaignIni) -> list[str]:
    datasets = [
        stage.values["dataset_or_split_data"].replace("%%", "%")
        for stage in ini.stages
        if not stage.dependencies
    ]
    return [dataset for dataset in dict.fromkeys(datasets) if dataset != "None"]
