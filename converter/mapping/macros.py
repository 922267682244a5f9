"""XML entities as macros of [global], and which names macros may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from converter.poms.config import IDENTITY, stem
from converter.poms.escape import SAFE
from converter.poms.jobsub import OPTIONS
from converter.text import Text

__all__ = ["HIDING", "OWN", "Macros"]

OWN = (
    *("experiment", "group", "wrapper", "includes", "jobname", "numevents", "numjobs"),
    "eventsperjob",
    *("outdir", "logdir", "fclpath", "fclnames", *IDENTITY),
)
"""Macros with a meaning of their own in the files that are written here."""

HIDING = frozenset({*OWN, "project", "release", "quals", "localrelease"})
"""Macros of any campaign: fife_launch sees them in place of a key of the same name elsewhere."""

_FIFE_WRAP = (
    *("name", "dest", "rename", "addoutput", "limit", "schema", "appname", "appvers", "appfamily"),
    *("source", "setup", "setup_local", "prescript", "postscript", "export", "inputfile", "exe"),
    *("debug", "config", "multifile", "getconfig", "ifdh_art", "hash", "parallel", "station"),
    *("declare_metadata", "metadata_extractor", "filter_metadata", "add_location", "finally"),
    *("add_metadata", "add_to_dataset", "dataset_exclude", "script", "parent", "exe_stdout"),
    *("exe_stderr", "apptainer", "dataset", "dest_uniq_rename", "art_re", "lar_re", "inputtar"),
    *("SAM_EXPERIMENT", "SAM_GROUP", "SAM_STATION", "IFDH_CP_MAXRETRIES", "quota"),
)
"""Keys of other sections: a macro of that name would hide them."""

RESERVED = frozenset({*OWN, *_FIFE_WRAP, *(option.key for option in OPTIONS.values())}) - {
    "version"
}

_NUMBERED = RESERVED | {"arg"}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Macros:
    """The macros of one campaign: names for entities, values in terms of other macros.

    project  the project's name and `release` its tag, as the XML writes them: macros of the
             campaign too, which what is literally alike follows
    avoid    names that something else in the file has
    """

    def __init__(
        self,
        entities: Mapping[str, Text],
        project: Text,
        release: Text,
        avoid: Iterable[str] = (),
    ) -> None:
        taken = set(avoid)
        self.names: dict[str, str] = {}
        """Entity → macro, for the entities that can be macros."""
        self.values: dict[str, Text] = {}
        """Macro → value."""
        self.plain: tuple[str, ...] = tuple(
            name for name, text in entities.items() if not _usable(name, text)
        )
        """Entities that cannot be macros: their values hold blanks, quotes and the like."""
        usable = [name for name in entities if name not in self.plain]
        if project.name in usable:
            # `name` would hide every section's own key of that name.
            self.names[str(project.name)] = "project"
        for name in usable:
            if name in self.names:
                continue
            macro = name
            # A numbered key counts too: a macro lines_1 would hide lines_1 of [submit].
            while macro in taken or macro in RESERVED or stem(macro)[0] in _NUMBERED:
                macro += "_xml"
            self.names[name] = macro
            taken.add(macro)
        for name in usable:
            self.values[self.names[name]] = entities[name].renamed(self.names)
        self._follow(project, release)

    def _follow(self, project: Text, release: Text) -> None:
        """Which literal text is what a macro says, so that editing the macro changes all of it.

        Entities keep their values as the XML has them: whoever edits those sees all of them.
        """
        self._whole: dict[str, str] = {}
        parts = []
        leading = []
        for name, text in self.values.items():
            if _is_distinctive(text.string):
                self._whole.setdefault(text.string, name)
        for name, text in (("release", release), ("project", project)):
            defined = self.define(name, text.renamed(self.names).strip())
            if defined.name is None:
                continue
            leading.append(defined.name)
            if len(defined.string) >= _SHORTEST and not defined.string.isdigit():
                self._whole[defined.string] = defined.name
            if _is_distinctive(defined.string):
                pattern = _BEFORE + re.escape(defined.string) + _AFTER
                parts.append((defined.string, partial(_spans, re.compile(pattern)), defined.name))
        self.next: tuple[str, ...] = tuple(dict.fromkeys(leading))
        """What people change for the next campaign."""
        # The longest first: one name may be part of the other.
        self._parts = sorted(parts, key=lambda part: -len(part[0]))

    def _in_parts(self, text: Text) -> Text:
        for string, find, name in self._parts:
            if string in text.string:
                text = text.replace(find, name)
        return text

    @property
    def entities(self) -> tuple[str, ...]:
        return tuple(self.names.values())

    def text(self, text: Text) -> Text:
        """A text of the XML with macros for its entities, and for what is literally alike."""
        text = text.renamed(self.names)
        whole = self._whole.get(text.string)
        if whole is not None and text.is_plain:
            return Text.named(whole, text.string)
        return self._in_parts(text)

    def literal(self, text: Text) -> Text:
        """A text that follows no macro but those of its entities: it names something outside."""
        return text.renamed(self.names)

    def define(self, name: str, text: Text) -> Text:
        """`text` under a name, to be used instead of it.

        A text that is one macro already stays that macro; one that no macro can hold stays as
        it is.
        """
        if text.name is not None or not SAFE.fullmatch(text.string):
            return text
        while name in self.names.values():
            name += "_xml"
        self.values[name] = text
        return Text.named(name, text.string)


_SHORTEST = 4
_BEFORE = r"(?<![A-Za-z0-9])(?<!\d[._-])"
_AFTER = r"(?![._-]?\d)(?![A-Za-z])"
"""Around a name that is part of another: prod_x in prod_x_reco, not in prod_x_2 or prod_xy."""


def _spans(
    pattern: re.Pattern[str], string: str, start: int, end: int
) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(string, start, end))


def _is_distinctive(string: str) -> bool:
    """Whether two equal strings mean the same thing: no mere word, no number."""
    return len(string) >= 6 and not string.isdigit() and re.search(r"[^A-Za-z]", string) is not None


def _usable(name: str, text: Text) -> bool:
    return bool(_NAME.fullmatch(name) and SAFE.fullmatch(text.string))
