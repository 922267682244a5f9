"""A stage while the document is being read, and what it shares with those based on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from converter.findings.settings import SUBSTAGE
from converter.model import Input, Origin, Parameter, Source, Stage, Substage, Value
from converter.projectpy.document import Element
from converter.text import Text

__all__ = ["Draft", "Shared", "none"]


def none(text: str = "") -> Value[str]:
    """A value that nobody has written."""
    return Value(text, Text(text))


class Shared(Struct):
    """The lists of a stage that project.py shares with the stages based on it.

    It copies the reference, not the list, so what the later stage appends the earlier one gets
    too.
    """

    fcl: list[Value[str]] = []
    initscript: list[Value[tuple[str, ...]]] = []
    initsource: list[Value[str]] = []
    endscript: list[Value[tuple[str, ...]]] = []
    finscript: list[Value[tuple[str, ...]]] = []
    mid_source: dict[int, list[Value[str]]] = {}
    mid_script: dict[int, list[Value[tuple[str, ...]]]] = {}
    names: dict[str, list[Value[str]]] = field(
        default_factory=lambda: {name: [] for name in (*SUBSTAGE, "output", "exe")}
    )
    """A list by substage each."""


class Draft(Struct):
    """A stage while the document is being read."""

    element: Element
    name: Value[str]
    base: Value[str] | None
    plain: dict[str, Value[Any]]
    lists: dict[str, tuple[Value[str], ...]]
    shared: Shared
    parameters: tuple[Parameter, ...]
    input_source: Source | None
    previous: Value[str] | None

    @property
    def items(self) -> int:
        """How many fcl files, scripts and parameters it has."""
        return sum(map(len, self._lists())) + len(self.parameters)

    def texts(self) -> Iterator[str]:
        """All that is written for it, and for the stages that it is based on."""
        for values in (self.plain.values(), *self.lists.values(), *self._lists()):
            for value in values:
                if value.origin is not None:
                    yield value.text.string
        for parameter in self.parameters:
            yield parameter.name.text.string
            yield parameter.value.text.string

    def _lists(self) -> Iterator[Sequence[Value[Any]]]:
        shared = self.shared
        yield from (shared.fcl, shared.initscript, shared.initsource, shared.endscript)
        yield shared.finscript
        yield from shared.names.values()
        yield from shared.mid_source.values()
        yield from shared.mid_script.values()

    def finished(self) -> Stage:
        shared = self.shared
        substages = tuple(
            Substage(
                fcl,
                **{
                    name: values[k] if k < len(values) else none()
                    for name, values in shared.names.items()
                },
                initsource=tuple(shared.mid_source.get(k, ())),
                endscript=tuple(shared.mid_script.get(k, ())),
            )
            for k, fcl in enumerate(shared.fcl)
        )
        plain: dict[str, Any] = {**self.lists, **self.plain}
        return Stage(
            name=self.name,
            base=self.base,
            origin=Origin(self.element.path, self.element.line),
            substages=substages,
            input=self._input(),
            parameters=self.parameters,
            initscript=tuple(shared.initscript),
            initsource=tuple(shared.initsource),
            endscript=tuple(shared.endscript),
            finscript=tuple(shared.finscript),
            **plain,
        )

    def _input(self) -> Input:
        plain = self.plain
        if plain["inputfile"]:
            return Input("file", plain["inputfile"])
        if plain["inputlist"]:
            kind = "stage" if self.input_source else "list"
            return Input(kind, plain["inputlist"], self.input_source, self.previous)
        if plain["inputdef"]:
            return Input("dataset", plain["inputdef"])
        return Input("none", none(), None, self.previous)
