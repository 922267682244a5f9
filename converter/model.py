"""The intermediate stage model: what project.py holds after reading its XML.

It knows neither XML nor POMS.  Fields have the names of project.py's tags.  Every value knows
the text it was written as, with its entities, and where; a value without an origin is
project.py's own default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Generic, TypeVar

from msgspec import Struct

from converter.text import Text

__all__ = [
    "Input",
    "Origin",
    "Parameter",
    "Project",
    "Release",
    "Resized",
    "Source",
    "Stage",
    "Substage",
    "Value",
]

T_co = TypeVar("T_co", covariant=True)


class Origin(Struct, frozen=True, gc=False):
    """Where a value stands: the setting's path in the document, and its line from 1."""

    path: str
    line: int


class Value(Struct, Generic[T_co], frozen=True, gc=False):
    """A setting as project.py understands it, its text, and its origin (None: a default)."""

    value: T_co
    text: Text
    origin: Origin | None = None

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        return str(self.value)


class Parameter(Struct, frozen=True):
    """A metadata parameter: its name, its value, and the origin of the name."""

    name: Value[str]
    value: Value[str]


class Source(Struct, frozen=True, gc=False):
    """A stage whose output another one reads: its project (counted from 0) and its name."""

    project: int
    stage: str


class Input(Struct, frozen=True):
    """What a stage reads, after project.py's rules.

    kind    "none" (a generator), "file", "list", "dataset", "stage"
    value   the file, the list file or the dataset; for "stage" the list of its output files
    source  the producing stage, for "stage"
    named   the setting that names the producing stage (previousstage), if there is one
    """

    kind: str
    value: Value[str]
    source: Source | None = None
    named: Value[str] | None = None


class Substage(Struct, frozen=True):
    """One fcl file of a stage with what is given for it alone ('' or () where nothing is)."""

    fcl: Value[str]
    exe: Value[str]
    output: Value[str]
    processname: Value[str]
    projectname: Value[str]
    stagename: Value[str]
    version: Value[str]
    initsource: tuple[Value[str], ...] = ()
    endscript: tuple[Value[tuple[str, ...]], ...] = ()


class Resized(Struct, frozen=True):
    """What `<targetsize>` has made of a stage's number of jobs.

    mean       size of a file of the input, in bytes
    most       the number of jobs that the XML gives: there are never more
    at_launch  whether the number of files is known only when it is launched
    """

    mean: int
    most: int
    at_launch: bool


class Stage(Struct, frozen=True):
    """A stage with its project's defaults filled in."""

    name: Value[str]
    base: Value[str] | None
    origin: Origin
    substages: tuple[Substage, ...]
    input: Input
    parameters: tuple[Parameter, ...]

    batchname: Value[str]
    outdir: Value[str]
    logdir: Value[str]
    workdir: Value[str]
    bookdir: Value[str]
    dirsize: Value[int]
    dirlevels: Value[int]
    inputfile: Value[str]
    inputlist: Value[str]
    inputmode: Value[str]
    inputdef: Value[str]
    basedef: Value[str]
    inputstream: Value[str]
    previousstage: Value[str]
    mixinputdef: Value[str]
    pubsinput: Value[int]
    ana: Value[int]
    recur: Value[int]
    recurtype: Value[str]
    recurlimit: Value[int]
    singlerun: Value[int]
    filelistdef: Value[int]
    prestart: Value[int]
    activebase: Value[str]
    dropboxwait: Value[float]
    prestagefraction: Value[float]
    maxfluxfilemb: Value[int]
    numjobs: Value[int]
    numevents: Value[int]
    maxfilesperjob: Value[int]
    runnumber: Value[int]
    targetsize: Value[int]
    defname: Value[str]
    anadefname: Value[str]
    datatier: Value[str]
    datastream: tuple[Value[str], ...]
    anadatatier: Value[str]
    anadatastream: tuple[Value[str], ...]
    submitscript: Value[tuple[str, ...]]
    initscript: tuple[Value[tuple[str, ...]], ...]
    initsource: tuple[Value[str], ...]
    endscript: tuple[Value[tuple[str, ...]], ...]
    finscript: tuple[Value[tuple[str, ...]], ...]
    merge: Value[str]
    anamerge: Value[str]
    resource: Value[str]
    lines: Value[str]
    site: Value[str]
    blacklist: Value[str]
    cpu: Value[int]
    disk: Value[str]
    memory: Value[int]
    nthreads: Value[int]
    nschedules: Value[int]
    args: Value[tuple[str, ...]]
    datafiletypes: Value[tuple[str, ...]]
    TFileName: Value[str]
    jobsub: Value[str]
    jobsub_start: Value[str]
    jobsub_timeout: Value[int]
    schema: Value[str]
    check: Value[int]
    copy: Value[int]
    cvmfs: Value[int]
    stash: Value[int]
    singularity: Value[int]
    script: Value[str]
    startscript: Value[str]
    stopscript: Value[str]

    resized: Resized | None = None
    """Where the sizes of its input's files are known, and `<targetsize>` goes by them."""

    @property
    def reads_stream(self) -> bool:
        """Whether it reads one stream of another stage's files, by `<inputstream>`.

        project.py ignores the tag where the list is given, or inherited from the base stage.
        """
        stream = self.inputstream.value
        return bool(stream) and (
            self.input.kind == "stage" and self.input.value.value.endswith(f"_{stream}.list")
        )

    def values(self) -> Iterator[Value[Any]]:
        """Every value that this stage holds, its substages' and its input's included."""
        return _values(self)


class Release(Struct, frozen=True):
    """`<larsoft>`: release, qualifiers, local directory or tarball."""

    tag: Value[str]
    qual: Value[str]
    local: Value[str]


class Project(Struct, frozen=True):
    """A project with its stages.  `numevents` and the like are in the stages already."""

    name: Value[str]
    origin: Origin
    release: Release
    ups: tuple[Value[str], ...]
    os: Value[str]
    server: Value[str]
    role: Value[str]
    version: Value[str]
    filetype: Value[str]
    runtype: Value[str]
    runnumber: Value[int]
    parameters: tuple[Parameter, ...]
    fcldir: tuple[Value[str], ...]
    force_dag: bool
    stages: tuple[Stage, ...]
    entities: Mapping[str, Text] = {}
    title: str = ""
    """The document's own comment above the project, where it says more than 'project'."""

    def values(self) -> Iterator[Value[Any]]:
        """Every value that the project itself holds, without those of its stages."""
        for name in self.__struct_fields__:
            if name not in ("stages", "entities"):
                yield from _values(getattr(self, name))

    @property
    def reachable(self) -> tuple[Stage, ...]:
        """The stages that project.py can run: of several with one name only the first."""
        seen: dict[str, Stage] = {}
        for stage in self.stages:
            seen.setdefault(stage.name.value, stage)
        return tuple(seen.values())


def _values(thing: object) -> Iterator[Value[Any]]:
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, tuple):
        for item in thing:
            yield from _values(item)
    elif type(thing) in _HOLDERS:
        for item in _HOLDERS[type(thing)](thing):
            if isinstance(item, Value):
                yield item
            elif item:
                yield from _values(item)


_HOLDERS: Mapping[type, Callable[[Any], tuple[Any, ...]]] = {
    one: attrgetter(*one.__struct_fields__) for one in (Stage, Substage, Input, Parameter, Release)
}
"""Each class that holds values → all its fields."""
