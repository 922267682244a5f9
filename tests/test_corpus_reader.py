"""The reader against the real project.py, attribute by attribute, on every real file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from converter.errors import XmlError
from converter.model import Project, Stage, Value
from converter.projectpy.reader import read
from tests import corpus

pytestmark = corpus.needs_corpus

ProjectView = Callable[[Project, str], Any]
StageView = Callable[[Stage], Any]


def plain(name: str) -> StageView:
    return lambda stage: _value(getattr(stage, name))


def _value(value: Any) -> Any:
    if isinstance(value, Value):
        value = value.value
    return [_value(v) for v in value] if isinstance(value, tuple) else value


def _own(name: str) -> StageView:
    """project.py keeps '' in the stage and takes the project's at submission."""

    def view(stage: Stage) -> str:
        value = getattr(stage, name)
        inside = value.origin is not None and "/stage" in value.origin.path
        return str(value.value) if inside else ""

    return view


def _substages(name: str) -> StageView:
    """A list by substage, [] when nothing is given for any of them."""

    def view(stage: Stage) -> list[str]:
        values = [str(_value(getattr(s, name))) for s in stage.substages]
        return values if any(values) else []

    return view


def _hooks(name: str) -> StageView:
    return lambda stage: {
        str(k): _value(getattr(s, name)) for k, s in enumerate(stage.substages) if getattr(s, name)
    }


STAGE: dict[str, StageView] = {
    "name": plain("name"),
    "batchname": plain("batchname"),
    "fclname": lambda s: [x.fcl.value for x in s.substages],
    **{
        name: plain(name)
        for name in (
            *("outdir", "logdir", "workdir", "bookdir", "dirsize", "dirlevels", "inputfile"),
            *("inputlist", "inputmode", "basedef", "inputdef", "inputstream", "previousstage"),
            *("mixinputdef", "ana", "recur", "recurtype", "recurlimit", "singlerun"),
            *("filelistdef", "prestart", "activebase", "dropboxwait", "prestagefraction"),
            *("maxfluxfilemb", "defname", "merge", "anamerge", "site", "blacklist", "cpu"),
            *("disk", "datafiletypes", "memory", "nthreads", "nschedules", "args", "TFileName"),
            *("jobsub", "jobsub_start", "jobsub_timeout", "schema", "cvmfs", "stash"),
            *("singularity", "script"),
        )
    },
    "pubs_input_ok": plain("pubsinput"),
    "output_run": plain("runnumber"),
    "num_jobs": plain("numjobs"),
    "num_events": plain("numevents"),
    "max_files_per_job": plain("maxfilesperjob"),
    "target_size": plain("targetsize"),
    "ana_defname": plain("anadefname"),
    "data_tier": plain("datatier"),
    "data_stream": plain("datastream"),
    "ana_data_tier": plain("anadatatier"),
    "ana_data_stream": plain("anadatastream"),
    "submit_script": lambda s: _value(s.submitscript) or "",
    # The oracle loaded without looking at the file system: no init_script there.
    "init_script": lambda s: [],
    "init_source": plain("initsource"),
    "end_script": plain("endscript"),
    "fin_script": plain("finscript"),
    "mid_source": _hooks("initsource"),
    "mid_script": _hooks("endscript"),
    "process_name": _substages("processname"),
    "project_name": _substages("projectname"),
    "stage_name": _substages("stagename"),
    "project_version": _substages("version"),
    "output": _substages("output"),
    "exe": _substages("exe"),
    "resource": _own("resource"),
    "lines": _own("lines"),
    "parameters": lambda s: {p.name.value: p.value.value for p in s.parameters},
    "validate_on_worker": plain("check"),
    "copy_to_fts": plain("copy"),
    "start_script": plain("startscript"),
    "stop_script": plain("stopscript"),
}

PUBS = {
    "dynamic",
    "pubs_input",
    "input_run",
    "input_subruns",
    "input_version",
    "pubs_output",
    "output_subruns",
    "output_version",
}
"""State of project.py that no XML sets: the --pubs command line does."""

PROJECT: dict[str, Callable[[Project], Any]] = {
    "name": lambda p: p.name.value,
    "ups": lambda p: _value(p.ups),
    "os": lambda p: p.os.value,
    "role": lambda p: p.role.value,
    "server": lambda p: p.server.value,
    "release_tag": lambda p: p.release.tag.value,
    "release_qual": lambda p: p.release.qual.value,
    "version": lambda p: p.version.value,
    # Nothing of the file system was there for the oracle: never a directory.
    "local_release_dir": lambda p: "",
    "local_release_tar": lambda p: p.release.local.value,
    "file_type": lambda p: p.filetype.value,
    "run_type": lambda p: p.runtype.value,
    "run_number": lambda p: p.runnumber.value,
    "force_dag": lambda p: int(p.force_dag),
    "fclpath": lambda p: _value(p.fcldir),
    "parameters": lambda p: {x.name.value: x.value.value for x in p.parameters},
}

STAGE_DEFAULTS = {
    *("num_events", "num_jobs", "max_files_per_job", "resource", "lines", "site", "blacklist"),
    *("cpu", "disk", "memory", "nthreads", "nschedules", "args", "merge", "anamerge", "script"),
    *("validate_on_worker", "copy_to_fts", "cvmfs", "stash", "singularity"),
    *("start_script", "stop_script"),
}
"""Project attributes that the model keeps only where they count, in the stages."""

PRODUCTS = {"dune": "dunetpc", "uboone": "uboonecode", "sbnd": "sbndcode", "lariat": "lariatcode"}
"""What project.py fills in where there is no <ups>; the converter's profiles do that."""


def test_every_attribute_agrees() -> None:
    differences = []
    stages = 0
    for path, answer in corpus.loadable():
        projects = read(path).projects
        assert len(projects) == len(answer["projects"]), path
        for project, theirs in zip(projects, answer["projects"]):
            assert set(theirs) - {"stages"} == set(PROJECT) | STAGE_DEFAULTS
            for name, view in PROJECT.items():
                ours, other = view(project), theirs[name]
                if name == "ups" and not ours:
                    ours = [PRODUCTS[answer["experiment"]]]
                if ours != other:
                    differences.append((path.name, project.name.value, name, ours, other))
            for stage, other_stage in zip(project.stages, theirs["stages"]):
                stages += 1
                assert set(other_stage) - {"submit"} == set(STAGE) | PUBS
                for name, stage_view in STAGE.items():
                    ours, other = stage_view(stage), other_stage[name]
                    if ours != other:
                        differences.append((path.name, stage.name.value, name, ours, other))
    assert not differences
    assert stages > 3900


@pytest.mark.parametrize(
    "path",
    [p for p, a in sorted(corpus.oracle().items()) if "error" in a]
    if corpus.CORPUS.is_dir()
    else [],
    ids=lambda p: p.name,
)
def test_what_project_py_refuses_is_refused_with_its_place(path: Any) -> None:
    with pytest.raises(XmlError) as caught:
        read(path)
    assert caught.value.line
    assert caught.value.advice
    assert caught.value.file
