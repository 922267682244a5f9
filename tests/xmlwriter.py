"""A project of the model as XML that project.py reads as just that project."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from converter.model import Parameter, Project, Stage, Substage, Value

_SPECIAL = {
    *("name", "base", "origin", "substages", "input", "parameters", "inputdef", "inputlist"),
    *("inputfile", "previousstage", "basedef", "recur", "initsource", "endscript", "resized"),
}


def to_xml(*projects: Project) -> bytes:
    """Every value written out, defaults too, so that nothing depends on rules of inheritance."""
    body = "".join(_project(project) for project in projects)
    return f"<job>{body}</job>".encode()


BASE = " base"
"""The end of the name of a stage that is there only for another one to inherit from."""


def _text(value: Value[Any]) -> str:
    return escape(str(value.text))


def _element(tag: str, value: Value[Any]) -> str:
    return f"<{tag}>{_text(value)}</{tag}>" if str(value.text) else ""


def _project(project: Project) -> str:
    parts = ["<numevents>1</numevents>"]
    release = project.release
    parts.append(
        "<larsoft>"
        + "".join(_element(t, getattr(release, t)) for t in ("tag", "qual", "local"))
        + "</larsoft>"
    )
    for tag in ("os", "server", "role", "version", "filetype", "runtype"):
        parts.append(_element(tag, getattr(project, tag)))
    parts.append(_element("runnumber", project.runnumber))
    parts += [_element("ups", ups) for ups in project.ups]
    parts += [_element("fcldir", directory) for directory in project.fcldir]
    parts += [_stage(stage) for stage in project.stages]
    return f"<project name={quoteattr(project.name.value)}>{''.join(parts)}</project>"


def _stage(stage: Stage) -> str:
    parts = [_substage(substage) for substage in stage.substages]
    for tag in stage.__struct_fields__:
        if tag in _SPECIAL:
            continue
        value = getattr(stage, tag)
        for one in value if isinstance(value, tuple) else (value,):
            parts.append(_element(tag, one))
    parts += [_parameter(parameter) for parameter in stage.parameters]
    for tag in ("initsource", "endscript"):
        parts += [_element(tag, value) for value in getattr(stage, tag)]
    bases = []
    if stage.basedef and (stage.input.kind in ("none", "stage") or not stage.recur):
        # Only inherited: no tag of its own gives such a stage a base dataset.
        bases.append(_element("inputdef", stage.basedef) + "<recurdef>d</recurdef>")
    inherits = stage.input.kind == "stage" and stage.inputstream and not stage.reads_stream
    # Where it is its own, <inputstream> is in the name of the list.
    (bases if inherits else parts).append(_input(stage))
    name, base, written = stage.name.value, "", ""
    for number, own in enumerate(bases):
        below = f"{name}{number}{BASE}"
        places = "<outdir>/o</outdir><workdir>/w</workdir>"
        written += f"<stage name={quoteattr(below)}{base}><fcl>a.fcl</fcl>{places}{own}</stage>"
        base = f" base={quoteattr(below)}"
    return f"{written}<stage name={quoteattr(name)}{base}>{''.join(parts)}</stage>"


def _input(stage: Stage) -> str:
    recur = _element("recur", stage.recur)
    if stage.input.kind in ("none", "stage"):
        previous = stage.input.source.stage if stage.input.source else "none of them"
        return recur + f"<previousstage>{escape(previous)}</previousstage>"
    if stage.basedef and stage.recur:
        return _element("inputdef", stage.basedef) + _element("recurdef", stage.inputdef)
    tag = {"file": "inputfile", "list": "inputlist", "dataset": "inputdef"}[stage.input.kind]
    return recur + _element(tag, stage.input.value)


def _parameter(parameter: Parameter) -> str:
    name = quoteattr(parameter.name.value)
    return f"<parameter name={name}>{_text(parameter.value)}</parameter>"


def _substage(substage: Substage) -> str:
    parts = [_text(substage.fcl)]
    for tag in ("exe", "output", "processname", "projectname", "stagename", "version"):
        parts.append(_element(tag, getattr(substage, tag)))
    parts += [_element("initsource", value) for value in substage.initsource]
    parts += [_element("endscript", value) for value in substage.endscript]
    return f"<fcl>{''.join(parts)}</fcl>"
