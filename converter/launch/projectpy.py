"""The plan of a job from the model: what project.py submits and what its worker does."""

from __future__ import annotations

from converter.launch.condor_lar import Worker
from converter.launch.plan import Circumstances, Plan, lines
from converter.model import Project, Stage
from converter.profiles import Profile

__all__ = ["project_plan"]


def project_plan(
    project: Project, stage: Stage, profile: Profile, job: Circumstances, *, name: str = ""
) -> Plan:
    """What job `job.process` of a stage does.

    name  what the stage is called in the campaign, if not as in the XML
    """
    worker = Worker(project, stage, profile, job)
    submitted = worker.submitted()
    fields = {**submitted, **worker.done(lines(submitted["files at hand"]))}
    return Plan(
        name or stage.name.value,
        job.process,
        {key: value for key, value in fields.items() if value},
    )
