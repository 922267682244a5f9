"""The tree to the stage model, with project.py's own rules and errors.

Source of the rules: larbatch's project.py (find_projects), projectdef.py, stagedef.py.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from converter.errors import XmlError
from converter.findings.settings import KINDS, PROJECT, STAGE, SUBSTAGE, Tag
from converter.model import (
    Origin,
    Parameter,
    Project,
    Release,
    Source,
    Value,
)
from converter.projectpy.document import Document, Element, parse
from converter.projectpy.draft import Draft, Shared, none
from converter.projectpy.limits import (
    MAX_FCL,
    MAX_FCL_IN_ALL,
    MAX_HELD,
    MAX_ITEMS,
    MAX_NAME,
    MAX_PRODUCTS,
    MAX_PROJECTS,
    MAX_STAGES,
    MAX_VALUE,
    MAX_WORDS,
    within,
)
from converter.text import Text

__all__ = ["Reading", "read"]


class Reading(Struct, frozen=True):
    """A document and the projects that project.py finds in it."""

    document: Document
    projects: tuple[Project, ...]


def read(source: bytes | str | os.PathLike[str], file: str | None = None) -> Reading:
    """Read project.py XML from bytes or from a path.

    Raises XmlError where the document is unusable, or where project.py would refuse it;
    OSError where a path cannot be read.
    """
    if not isinstance(source, bytes):
        file = file or os.fspath(source)
        with open(source, "rb") as opened:
            source = opened.read()
    document = parse(source, file)
    return Reading(document, _Reader(document, file).projects())


class _Files(Struct, frozen=True):
    """The list of a stage's output files, `BOOKDIR/files.list`, and whose it is."""

    path: str
    source: Source


class _Reader:
    def __init__(self, document: Document, file: str | None) -> None:
        self.document = document
        self.file = file
        self.items = self.fcl = self.held = self.shared_items = 0

    def projects(self) -> tuple[Project, ...]:
        root = self.document.root
        elements = [root] if root.tag == "project" else root.below("project")
        if not elements:
            raise self._error(
                "X2P010",
                f"no <project> element: the root is <{root.tag}>",
                "this is not a project.py file",
                root,
            )
        stages = sum(len(element.below("stage")) for element in elements)
        within(len(elements), MAX_PROJECTS, "projects", self.file)
        within(stages, MAX_STAGES, "stages", self.file)
        projects: list[Project] = []
        lists: dict[str, _Files | None] = {}
        first: _Files | None = None
        for index, element in enumerate(elements):
            project, drafts = self._project(element, index, first, lists)
            projects.append(project)
            for draft in drafts:
                first = lists[draft.name.value] = self._files(draft, index)
        return tuple(projects)

    # -- projects ---------------------------------------------------------------------------

    def _project(
        self,
        element: Element,
        index: int,
        first: _Files | None,
        lists: dict[str, _Files | None],
    ) -> tuple[Project, list[Draft]]:
        name = self._attribute(element, "name")
        if name is None or not name.value:
            raise self._error(
                "X2P011", "the project has no name", 'write <project name="…">', element
            )
        length = len(name.value)
        within(length, MAX_NAME, "characters of a project's name", self.file, element.line)
        values: dict[str, Value[Any]] = {}
        children: dict[str, list[Element]] = {}
        for child in element.children:
            children.setdefault(child.tag, []).append(child)
        for name_of_tag, tag in _LAST_CHILD.items():
            values[name_of_tag] = _PROJECT_DEFAULTS[name_of_tag]
            for child in children.get(name_of_tag, ()):
                values[name_of_tag] = self._value(child, tag)
        if not values["numevents"]:
            raise self._error(
                "X2P012",
                "the project has no number of events, or 0",
                "give <numevents> as a direct child of <project>",
                element,
            )
        ups = self._all(element, PROJECT["ups"])
        within(len(ups), MAX_PRODUCTS, "products", self.file, element.line)
        release = self._release(element)
        version = self._first(element, PROJECT["version"]) or Value(
            release.tag.value, release.tag.text
        )
        parameters = self._parameters(element)
        fcldir = self._all(element, PROJECT["fcldir"])
        # Each stage asks for all of them.
        self.shared_items = len(ups) + len(parameters) + len(fcldir)
        drafts = self._stages(element, index, first, lists, values)
        force_dag = bool(values["startscript"].origin or values["stopscript"].origin)
        project = Project(
            name=name,
            origin=Origin(element.path, element.line),
            release=release,
            ups=ups,
            os=values["os"],
            server=values["server"],
            role=values["role"],
            version=version,
            filetype=self._first_or(element, PROJECT["filetype"]),
            runtype=self._first_or(element, PROJECT["runtype"]),
            runnumber=self._first_or(element, PROJECT["runnumber"]),
            parameters=parameters,
            fcldir=fcldir,
            force_dag=force_dag,
            stages=tuple(draft.finished() for draft in drafts),
            entities=self.document.entities,
            title=self._title(),
        )
        return project, drafts

    def _title(self) -> str:
        for remark in self.document.remarks:
            words = " ".join(remark.split())
            if words and words.lower() not in ("production project", "project"):
                return words
        return ""

    def _release(self, element: Element) -> Release:
        found = element.below("larsoft")
        values = {name: _default(PROJECT[name]) for name in ("tag", "qual", "local")}
        if found:
            for name in values:
                inside = found[0].below(name)
                if inside and name == "tag" and not inside[0].first:
                    values[name] = Value("", Text(), Origin(inside[0].path, inside[0].line))
                elif inside:
                    values[name] = self._value(inside[0], PROJECT[name])
        return Release(**values)

    def _parameters(self, element: Element) -> tuple[Parameter, ...]:
        """Those of all `<parameter>` below; of several with one name the last value counts."""
        found: dict[str, Parameter] = {}
        for child in element.below("parameter"):
            name = self._attribute(child, "name")
            if name is None:
                raise self._error(
                    "X2P014", "<parameter> without a name", 'write <parameter name="…">', child
                )
            found[name.value] = Parameter(name, self._value(child, PROJECT["parameter"]))
        return tuple(found.values())

    # -- stages -----------------------------------------------------------------------------

    def _stages(
        self,
        element: Element,
        index: int,
        first: _Files | None,
        lists: dict[str, _Files | None],
        project: Mapping[str, Value[Any]],
    ) -> list[Draft]:
        drafts: list[Draft] = []
        previous = ""
        lists[previous] = first
        usual = {**project, **_STAGE_DEFAULTS}
        usual = {name: usual[name] for name in _FIRST}
        for child in element.below("stage"):
            base = None
            base_name = self._attribute(child, "base")
            if base_name is not None and base_name.value:
                base = next((d for d in drafts if d.name.value == base_name.value), None)
                if base is None:
                    raise self._error(
                        "X2P015",
                        f"the base {base_name.value!r} is not an earlier stage of the project",
                        "name an earlier stage, or remove the attribute",
                        child,
                    )
            plain = dict(base.plain if base else usual)
            draft = self._stage(child, base_name, base, plain, lists, previous, project)
            self._check_size(draft)
            drafts.append(draft)
            previous = draft.name.value
            lists[previous] = self._files(draft, index)
        return drafts

    def _check_size(self, draft: Draft) -> None:
        """Refuse stages that hold too much: each has all that its base stage has."""
        line = draft.element.line
        within(len(draft.name.value), MAX_NAME, "characters of a stage's name", self.file, line)
        fcl = len(draft.shared.fcl)
        within(fcl, MAX_FCL, "fcl files of a stage", self.file, line)
        self.fcl += fcl
        within(self.fcl, MAX_FCL_IN_ALL, "fcl files of all stages", self.file, line)
        what = "fcl files, scripts and words of all stages"
        self.items += draft.items + self.shared_items
        within(self.items, MAX_ITEMS, what, self.file, line)
        for string in draft.texts():
            self.held += len(string)
            words = len(string.replace(",", " ").split())
            within(words, MAX_WORDS, "words of one value", self.file, line)
            self.items += words
        within(self.items, MAX_ITEMS, what, self.file, line)
        within(self.held, MAX_HELD, "characters of all stages' values", self.file, line)

    @staticmethod
    def _files(draft: Draft, index: int) -> _Files:
        path = posixpath.join(draft.plain["bookdir"].value, "files.list")
        return _Files(path, Source(index, draft.name.value))

    def _stage(
        self,
        element: Element,
        base_name: Value[str] | None,
        base: Draft | None,
        plain: dict[str, Value[Any]],
        lists: Mapping[str, _Files | None],
        default_previous: str,
        project: Mapping[str, Value[Any]],
    ) -> Draft:
        """Read a stage; `plain` is what it has before its own tags, and takes them in."""
        name = self._attribute(element, "name") or (base.name if base else None)
        if name is None or not name.value:
            raise self._error("X2P011", "the stage has no name", 'write <stage name="…">', element)
        shared = base.shared if base else Shared()
        shared = Shared(
            shared.fcl,
            shared.initscript,
            shared.initsource,
            shared.endscript,
            shared.finscript,
            shared.mid_source,
            shared.mid_script,
            dict(shared.names),
        )
        fcls = element.below("fcl")
        if fcls:
            shared.fcl = [self._stripped(fcl) for fcl in fcls]
        if not shared.fcl:
            raise self._error(
                "X2P016", f"stage {name.value!r} has no fcl file", "give <fcl>", element
            )
        there = element.by_name
        for name_of_tag in [tag for tag in _FIRST if tag in there]:
            plain[name_of_tag] = self._stage_value(element, _FIRST[name_of_tag], project)
        self._directories(element, name.value, plain)
        source, previous = self._input(element, name.value, plain, base, lists, default_previous)
        self._flux(element, plain, base)
        streams = {
            tag: self._all(element, STAGE[tag]) or (base.lists[tag] if base else ())
            for tag in ("datastream", "anadatastream")
        }
        self._scripts(element, shared)
        self._names(element, shared)
        parameters = self._parameters(element) or (base.parameters if base else ())
        return Draft(element, name, base_name, plain, streams, shared, parameters, source, previous)

    def _stage_value(
        self, element: Element, tag: Tag, project: Mapping[str, Value[Any]]
    ) -> Value[Any]:
        found = self._value(element.below(tag.name)[0], tag)
        # Only `resource` and `lines` are compared with '' at submission.
        if found.value == "" and tag.name in ("resource", "lines"):
            return project[tag.name]
        return found

    def _directories(self, element: Element, name: str, plain: dict[str, Value[Any]]) -> None:
        for tag, words in (("outdir", "output"), ("workdir", "work")):
            if not plain[tag]:
                raise self._error(
                    "X2P017", f"stage {name!r} has no {words} directory", f"give <{tag}>", element
                )
        for tag, other in (("logdir", "outdir"), ("bookdir", "logdir")):
            if not plain[tag]:
                plain[tag] = Value(plain[other].value, plain[other].text)

    def _input(
        self,
        element: Element,
        name: str,
        plain: dict[str, Value[Any]],
        base: Draft | None,
        lists: Mapping[str, _Files | None],
        default_previous: str,
    ) -> tuple[Source | None, Value[str] | None]:
        """Which input a stage has, in stagedef.py's order of rules and errors."""
        source = base.input_source if base else None
        previous = base.previous if base else None
        if element.below("inputlist"):
            source = None
        plain["basedef"] = base.plain["basedef"] if base else none()
        recurdef = self._first(element, STAGE["recurdef"])
        if recurdef is not None:
            plain["basedef"] = plain["inputdef"]
            plain["inputdef"] = recurdef
            plain["recur"] = Value(1, Text("1"))
        plain["previousstage"] = base.plain["previousstage"] if base else none()
        found = self._first(element, STAGE["previousstage"])
        if found is not None:
            plain["previousstage"] = previous = found
            if base is not None:
                for tag in ("inputfile", "inputlist", "inputdef"):
                    plain[tag] = none()
                source = None
            if plain["inputfile"] or plain["inputlist"] or plain["inputdef"]:
                raise self._error(
                    "X2P018",
                    f"stage {name!r} has both a previous stage and another input",
                    "remove one of them",
                    element,
                )
        self._one_input(element, name, plain)
        if not (plain["inputfile"] or plain["inputlist"] or plain["inputdef"]):
            files = lists.get(plain["previousstage"].value or default_previous)
            source = files.source if files else None
            path = files.path if files else ""
            if path and plain["inputstream"]:
                stem, dot, extension = path.rpartition(".")
                stem, end = (stem, dot + extension) if dot else (path, "")
                path = f"{stem}_{plain['inputstream'].value}{end}"
            plain["inputlist"] = none(path)
        return source, previous

    def _one_input(self, element: Element, name: str, plain: dict[str, Value[Any]]) -> None:
        if plain["inputfile"] and plain["inputlist"]:
            problem = "both an input file and an input list"
        elif plain["inputdef"] and (plain["inputfile"] or plain["inputlist"]):
            problem = "both an input dataset and input files"
        elif plain["inputmode"].value == "textfile" and not (
            plain["inputlist"] or plain["inputfile"]
        ):
            problem = "inputmode textfile, but neither <inputlist> nor <inputfile>"
        else:
            return
        raise self._error(
            "X2P018", f"stage {name!r} has {problem}", "give exactly one input", element
        )

    def _flux(self, element: Element, plain: dict[str, Value[Any]], base: Draft | None) -> None:
        found = self._first(element, STAGE["maxfluxfilemb"])
        if found is not None:
            plain["maxfluxfilemb"] = found
        elif not (plain["inputfile"] or plain["inputlist"] or plain["inputdef"]):
            plain["maxfluxfilemb"] = Value(500, Text("500"))
        else:
            plain["maxfluxfilemb"] = base.plain["maxfluxfilemb"] if base else Value(0, Text("0"))

    # -- scripts and substages --------------------------------------------------------------

    def _scripts(self, element: Element, shared: Shared) -> None:
        for child in element.below("initscript"):
            shared.initscript.append(self._value(child, STAGE["initscript"]))
        for child in element.below("initsource"):
            source = self._value(child, STAGE["initsource"])
            if source:
                index = self._substage(child, shared)
                if index is None:
                    shared.initsource.append(source)
                else:
                    shared.mid_source.setdefault(index, []).append(source)
        for child in element.below("endscript"):
            script = self._value(child, STAGE["endscript"])
            if script:
                index = self._substage(child, shared)
                if index is None:
                    shared.endscript.append(script)
                else:
                    shared.mid_script.setdefault(index, []).append(script)
        for child in element.below("finscript"):
            shared.finscript.append(self._value(child, STAGE["finscript"]))

    def _names(self, element: Element, shared: Shared) -> None:
        for tag in SUBSTAGE.values():
            for child in element.below(tag.name):
                index = self._substage(child, shared)
                if index is None:
                    raise self._error(
                        "X2P019",
                        f"<{tag.name}> of a stage stands outside of <fcl>",
                        "put it inside of the <fcl> that it is for",
                        child,
                    )
                self._put(shared, tag.name, index, self._value(child, tag))
            self._pad(shared, tag.name)
        for tag in (STAGE["output"], STAGE["exe"]):
            inside = []
            for child in element.below(tag.name):
                index = self._substage(child, shared)
                if index is None:
                    shared.names[tag.name] = [self._value(child, tag)] * len(shared.fcl)
                else:
                    inside.append((index, child))
            for index, child in inside:
                self._put(shared, tag.name, index, self._value(child, tag))
            self._pad(shared, tag.name)

    @staticmethod
    def _put(shared: Shared, name: str, index: int, value: Value[str]) -> None:
        values = shared.names[name]
        values.extend(none() for _ in range(index + 1 - len(values)))
        values[index] = value

    @staticmethod
    def _pad(shared: Shared, name: str) -> None:
        values = shared.names[name]
        if values:
            values.extend(none() for _ in range(len(shared.fcl) - len(values)))

    def _substage(self, child: Element, shared: Shared) -> int | None:
        """Which substage an element is for: the first whose fcl has the name of its parent."""
        parent = child.parent
        if parent is None or parent.tag != "fcl":
            return None
        name = self._stripped(parent).value
        return next(k for k, fcl in enumerate(shared.fcl) if fcl.value == name)

    # -- values -----------------------------------------------------------------------------

    def _value(self, element: Element, tag: Tag) -> Value[Any]:
        if element.value is None:
            of_project = element.parent is not None and element.parent.tag == "project"
            if tag.name in ("merge", "anamerge") and of_project and not element.first:
                return Value("", Text(), Origin(element.path, element.line))
            what = "begins with an element" if element.first == "element" else "is empty"
            raise self._error(
                "X2P013",
                f"<{tag.name}> {what}; project.py stops here with a traceback",
                f"give it a value, or remove <{tag.name}>",
                element,
            )
        if len(element.value) > MAX_VALUE:
            what = f"characters of <{tag.name}>"
            within(len(element.value), MAX_VALUE, what, self.file, element.line)
        try:
            value = tag.read(element.value)
        except ValueError:
            raise self._error(
                "X2P020",
                f"<{tag.name}> is {str(element.value)!r}, which is not {KINDS[tag.read]}",
                "if the file is a template, fill it in first; else correct the value",
                element,
            ) from None
        return Value(value, element.value, Origin(element.path, element.line))

    def _stripped(self, element: Element) -> Value[str]:
        value = self._value(element, STAGE["fcl"])
        text = value.text.strip()
        return Value(str(text), text, value.origin)

    def _first(self, element: Element, tag: Tag) -> Value[Any] | None:
        found = element.below(tag.name)
        return self._value(found[0], tag) if found else None

    def _first_or(self, element: Element, tag: Tag) -> Value[Any]:
        found = self._first(element, tag)
        if found is None:
            return _default(tag)
        return found

    def _all(self, element: Element, tag: Tag) -> tuple[Value[Any], ...]:
        return tuple(self._value(child, tag) for child in element.below(tag.name))

    @staticmethod
    def _attribute(element: Element, name: str) -> Value[str] | None:
        text = element.attributes.get(name)
        if text is None:
            return None
        return Value(str(text), text, Origin(f"{element.path}/@{name}", element.line))

    def _error(self, code: str, message: str, advice: str, element: Element) -> XmlError:
        return XmlError(code, message, advice, file=self.file, line=element.line)


def _default(tag: Tag) -> Value[Any]:
    default = tag.default
    return Value(default, Text(" ".join(default) if isinstance(default, tuple) else str(default)))


_FIRST = {name: tag for name, tag in STAGE.items() if tag.pick == "first"}

_LAST_CHILD = {name: tag for name, tag in PROJECT.items() if tag.pick == "last child"}

_PROJECT_DEFAULTS = {name: _default(tag) for name, tag in _LAST_CHILD.items()}

_STAGE_DEFAULTS = {name: _default(tag) for name, tag in _FIRST.items() if tag.default is not None}
"""What a stage has without the tag; the other tags have the project's value."""
