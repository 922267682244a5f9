"""The plan of a job from the model: what project.py submits and what its worker does."""

from __future__ import annotations

from converter.model import Project, Stage
from converter.profiles import Profile
from converter.verify.plan import Circumstances, Plan, Value
from converter.verify.project.condor_lar import Worker

__all__ = ["project_plan"]


def project_plan(
    project: Project, stage: Stage, profile: Profile, job: Circumstances, *, name: str = ""
) -> Plan:
    """What job `job.process` of a stage does.

    name  what the stage is called in the campaign, if not as in the XML
    """
    worker = Worker(project, stage, profile, job)
    fields: dict[str, Value] = {**worker.submitted(), **worker.done()}
    return Plan(
        name or stage.name.value,
        job.process,
        {key: value for key, value in fields.items() if value},
    )
