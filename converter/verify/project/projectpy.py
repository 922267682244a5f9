"""The plan of a job from the model: what project.py submits and what its worker does."""

from __future__ import annotations

from msgspec.structs import replace

from converter.model import Project, Stage
from converter.profiles import Profile
from converter.verify.plan import Circumstances, Plan, Value, lines
from converter.verify.project.condor_lar import Worker

__all__ = ["project_plan"]


def project_plan(
    project: Project, stage: Stage, profile: Profile, job: Circumstances, *, name: str = ""
) -> Plan:
    """What job `job.process` of a stage does.

    name  what the stage is called in the campaign, if not as in the XML
    """
    worker = Worker(project, stage, profile, job)
    submitted = worker.submitted()
    at_hand = lines(submitted["files at hand"])
    if submitted.get("jobs at a time") and not worker.in_dag:
        # Each job is a section of jobsub_lite's dag, and process 0 of its own cluster.
        worker = Worker(project, stage, profile, replace(job, process=0))
        # All make the share of the first one.
        fields: dict[str, Value] = {**submitted, **worker.done(at_hand), "events in all": ""}
    else:
        fields = {**submitted, **worker.done(at_hand)}
    return Plan(
        name or stage.name.value,
        job.process,
        {key: value for key, value in fields.items() if value},
    )
