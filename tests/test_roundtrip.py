"""Model to XML to model: nothing is lost or changed on the way."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from msgspec import Struct
from msgspec.structs import replace

from converter.errors import XmlError
from converter.model import Input, Project, Stage, Value
from converter.projectpy.reader import read
from tests.strategies import documents
from tests.xmlwriter import BASE, to_xml


def plain(thing: Any, *skip: str) -> Any:
    """A model as plain data: values without their places."""
    if isinstance(thing, Value):
        return thing.value
    if isinstance(thing, Input):
        return (thing.kind, thing.value.value, thing.source)
    if isinstance(thing, tuple):
        return [plain(item) for item in thing]
    if isinstance(thing, Struct):
        left_out = (*skip, "origin", "entities", "title")
        if isinstance(thing, Stage):
            # What a stage was based on, and how it names its input, is gone once resolved.
            left_out += ("base", "previousstage", "datastream", "anadatastream")
        if isinstance(thing, Project):
            left_out += ("parameters", "force_dag")
        return {
            name: plain(getattr(thing, name))
            for name in thing.__struct_fields__
            if name not in left_out
        }
    return thing


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_model_to_xml_to_model(data: bytes) -> None:
    try:
        projects = read(data).projects
    except XmlError:
        assume(False)
    for project in projects:
        # project.py matches substages, and stages, by name: the first of several gets all.
        assume(len(project.stages) == len(project.reachable))
        for stage in project.stages:
            names = [substage.fcl.value for substage in stage.substages]
            assume(len(names) == len(set(names)))
    assume(
        len({s.name.value for p in projects for s in p.stages})
        == sum(len(p.stages) for p in projects)
    )
    again = [
        replace(p, stages=tuple(s for s in p.stages if not s.name.value.endswith(BASE)))
        for p in read(to_xml(*projects)).projects
    ]
    assert [plain(p) for p in again] == [plain(p) for p in projects]
