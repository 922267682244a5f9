"""What the mapping of one stage works with."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

from msgspec import Struct

from converter.findings.fates import Fate, Implied, Record, Records
from converter.findings.settings import usual_fate
from converter.mapping.macros import Macros
from converter.model import Origin, Project, Stage, Value
from converter.poms import reader
from converter.poms.config import Key, Place, Slot, StageConfig
from converter.poms.escape import SAFE
from converter.profiles import Profile
from converter.profiles.roles import Decision
from converter.text import Text

__all__ = [
    "PROCESS",
    "CampaignContext",
    "Heredoc",
    "Line",
    "StageContext",
    "in_script",
    "line",
    "macro_of",
]

PROCESS = Text.named("_process", reader.PROCESS)
"""The number of a job, with a dataset (where PROCESS is 0 in each) and without."""


_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What a reader of the file may take for the end of a line."""


class CampaignContext(Struct):
    """What the stages of one project share.

    Stages are known by their paths in the document.

    feeds    stages whose output another stage reads; feeds_here: one of the same campaign
    names    the stages of the same campaign, of this project and others → what they are called
    sources  stage → the stage that it reads, or None
    texts    how a value is written in the XML → its text, where there is nothing to be said of it
    role     that the jobs have, and why
    """

    index: int
    project: Project
    profile: Profile
    macros: Macros
    records: Records
    file: str
    role: Decision
    project_names: tuple[str, ...] = ()
    feeds: frozenset[str] = frozenset()
    feeds_here: frozenset[str] = frozenset()
    sources: dict[str, Stage | None] = {}
    names: dict[str, str] = {}
    texts: dict[Hashable, Text] = {}

    def finding(
        self,
        fate: Fate,
        code: str,
        value: Value[Any] | None = None,
        /,
        *,
        keys: Iterable[Place] = (),
        **slots: str,
    ) -> None:
        """A fate with something to say, for all stages; without a value about the campaign."""
        path = value.origin.path if value is not None and value.origin else None
        if path is None and not code:
            return
        self.records.records.append(
            Record(path, fate, self.index, None, tuple(keys), code, dict(slots))
        )

    def implied(self, what: str, message: str, *keys: Place) -> None:
        """What stands in the files without a setting of the XML that says so."""
        self.records.implied.append(Implied(what, self.index, None, keys, message))


class Line(Struct, frozen=True, gc=False):
    """A line of a script, and what stands in it: settings by their paths, or what is implied."""

    text: Text
    settings: tuple[str, ...] = ()

    def between(self, before: str, after: str = "") -> Line:
        """The line with something before and after what is there."""
        return Line(before + self.text + after, self.settings)


def line(text: Text | str, *settings: Value[Any] | str) -> Line:
    """A line in which these settings stand (defaults leave no trace)."""
    if isinstance(text, str):
        text = Text(text)
    if not settings:
        return Line(text)
    found = []
    for setting in settings:
        if isinstance(setting, str):
            found.append(setting)
        elif setting.origin is not None:
            found.append(setting.origin.path)
    return Line(text, tuple(found))


def in_script(setting: Value[Any] | str) -> Slot:
    """The lines in which a setting stands: those of the stage that were made with it."""
    if isinstance(setting, str):
        return Slot("line", setting)
    return Slot("line", setting.origin.path if setting.origin is not None else "")


def macro_of(text: Text) -> tuple[Key, ...]:
    """Where the macro is defined that a text is, whole and alone; nothing where it is none."""
    return (("global", text.name),) if text.name is not None else ()


class Heredoc(Struct, frozen=True):
    """A file that the job writes: its lines stay readable in the campaign.cfg.

    expand   the shell of the job expands the lines; what must not expand is escaped already
    before   what comes before and after the lines, where they are not simply for a file
    """

    command: str
    lines: tuple[Line, ...]
    expand: bool = False
    after: str = ""


class StageContext(Struct):
    """One stage on its way to the campaign.cfg."""

    campaign: CampaignContext
    stage: Stage
    config: StageConfig
    prescripts: list[Heredoc | Line] = []
    postscripts: list[Line] = []
    shipped: dict[str, Text] = {}
    """Files that go with the jobs: as they are named in `-f` → the same as a Text."""
    tarballs: list[Text] = []
    """Tarballs of `<jobsub>`, as they are named there."""
    copies_shipped: bool = False
    """Whether the shipped files are copied into the folder where lar runs."""

    @property
    def project(self) -> Project:
        return self.campaign.project

    @property
    def profile(self) -> Profile:
        return self.campaign.profile

    @property
    def is_generator(self) -> bool:
        return self.stage.input.kind == "none"

    @property
    def is_textfile(self) -> bool:
        """Input is a text file of events, so that jobs share out the events as a generator."""
        return self.stage.inputmode.value.strip() == "textfile" and self.reads_files

    @property
    def reads_files(self) -> bool:
        return "from_list" in self.config.traits

    @property
    def input_list(self) -> str:
        """The list of a job's own files, in the job: never the name of one that comes along."""
        whole = self.stage.input.value.value.strip().rpartition("/")[2]
        return "share.list" if whole == "input.list" else "input.list"

    @property
    def reads_sam(self) -> bool:
        return "from_sam" in self.config.traits

    @property
    def feeds_another(self) -> bool:
        return self.stage.origin.path in self.campaign.feeds

    @property
    def feeds_its_campaign(self) -> bool:
        """Whether a stage of the same campaign reads what this one makes: POMS sees to that."""
        return self.stage.origin.path in self.campaign.feeds_here

    @property
    def source(self) -> Stage | None:
        """The stage of the document that makes what this one reads."""
        return self.campaign.sources.get(self.stage.origin.path)

    @property
    def waits_for(self) -> str | None:
        """The stage of the same campaign that this one waits for."""
        source = self.source
        return self.campaign.names.get(source.origin.path) if source is not None else None

    # -- texts ------------------------------------------------------------------------------

    def text(self, value: Value[Any]) -> Text:
        """A value's text with macros for entities, on one line."""
        campaign = self.campaign
        known = campaign.texts.get(value.text.template)
        if known is not None:
            return known
        text = campaign.macros.text(value.text)
        found = self._one_line(value, text)
        if found is text and (text is value.text or not campaign.profile.paths):
            campaign.texts[value.text.template] = text
        return found

    def _one_line(self, value: Value[Any], text: Text) -> Text:
        if self.profile.paths:
            text = self._moved(value, text)
        if _BREAKS.search(text.string) is None:
            return text
        if _BREAKS.search(text.string.strip()):
            self.finding(Fate.DERIVED, "X2P503", value)
        return text.folded()

    def _moved(self, value: Value[Any], text: Text) -> Text:
        """A path in an area that has moved, by the profile."""
        for old, new in self.profile.paths.items():
            if text.string.strip().startswith(old):
                self.finding(Fate.DERIVED, "X2P230", value, old=old, new=new)
                return new + text.strip()[len(old) :]
        return text

    def word(self, value: Value[Any]) -> Text:
        """A value's text as one word of a command line: blanks around it do not count."""
        return self.text(value).strip()

    def outside(self, value: Value[Any]) -> Text:
        """A word that names what is there already, a file or a dataset: it follows no macro."""
        return self._one_line(value, self.campaign.macros.literal(value.text)).strip()

    def words(self, value: Value[Any]) -> list[Text]:
        """A value's words, as project.py splits them."""
        words = self.campaign.macros.literal(value.text).split()
        return [self._moved(value, word) for word in words] if self.profile.paths else words

    def number(self, value: Value[Any]) -> Text:
        """A number's text, if it is written as project.py would print it, else the number."""
        text = self.word(value)
        return text if text.string == str(value.value) else Text(str(value.value))

    @property
    def name(self) -> Text:
        """The stage's name: the macro %(stage)s, unless no macro can hold it."""
        name = self.stage.name.value
        return Text.named("stage", name) if SAFE.fullmatch(name) else self.text(self.stage.name)

    def macro(self, name: str, text: Text, *sources: Value[Any]) -> Text:
        """`text` as the stage's own macro `name`; as it is where no macro can hold it."""
        if not SAFE.fullmatch(text.string):
            return text
        self.set("global", name, text, *sources)
        return Text.named(name, text.string)

    # -- settings ---------------------------------------------------------------------------

    def set(self, section: str, key: str, text: Text | str, *sources: Value[Any]) -> Key:
        return self.config.set(section, key, text, _labels(sources) if sources else ())

    def add(self, section: str, stem: str, text: Text | str, *sources: Value[Any]) -> Slot:
        return self.config.add(section, stem, text, _labels(sources) if sources else ())

    def argument(self, name: str, text: Text) -> Slot:
        """An argument of the first executable."""
        return self.config.argument(name, text)

    def ship(self, path: Text) -> Slot:
        """Send a file with the jobs, where it has the base name of its path."""
        self.shipped.setdefault(path.string, path)
        return Slot("file", path.string)

    def remark(self, value: Value[Any], what: str = "") -> None:
        """Keep a setting without counterpart visible in the file."""
        label = _labels((value,))
        if label:
            shown = what or " ".join(value.text.string.split())
            self.config.remarks.append(f"{self.campaign.file}:{label[0]} {shown}")

    # -- fates ------------------------------------------------------------------------------

    def fate(self, fate: Fate, value: Value[Any], *keys: Place) -> None:
        """What becomes of a setting (of a default: nothing to record)."""
        origin = value.origin
        if origin is not None:
            campaign = self.campaign
            record = Record(origin.path, fate, campaign.index, self.config.name, keys)
            campaign.records.records.append(record)

    def mapped(self, value: Value[Any], *keys: Place) -> None:
        self.fate(Fate.MAPPED, value, *keys)

    def derived(self, value: Value[Any], *keys: Place) -> None:
        self.fate(Fate.DERIVED, value, *keys)

    def scripted(self, value: Value[Any]) -> None:
        """A setting that stands in lines of scripts."""
        if value.origin is not None:
            self.fate(Fate.DERIVED, value, in_script(value))

    def finding(
        self,
        fate: Fate,
        code: str,
        value: Value[Any] | None = None,
        /,
        *,
        keys: Iterable[Place] = (),
        **slots: str,
    ) -> None:
        """A fate with something to say; without a value a finding about the stage."""
        path = value.origin.path if value is not None and value.origin else None
        if path is None and not code:
            return
        self.campaign.records.records.append(
            Record(
                path, fate, self.campaign.index, self.config.name, tuple(keys), code, dict(slots)
            )
        )

    def about(
        self,
        code: str,
        value: Value[Any] | None,
        /,
        *,
        keys: Iterable[Place] = (),
        **slots: str,
    ) -> None:
        """Something to say about a setting, beside what becomes of it."""
        origin = value.origin if value is not None else None
        fate = usual_fate(origin.path) if origin is not None else Fate.DERIVED
        self.finding(fate, code, value, keys=keys, **slots)

    def implied(self, what: str, message: str, *keys: Place) -> None:
        """Something that project.py does unasked."""
        self.campaign.records.implied.append(
            Implied(what, self.campaign.index, self.config.name, keys, message)
        )


def _labels(sources: Iterable[Value[Any]]) -> tuple[str, ...]:
    return tuple([_label(value.origin) for value in sources if value.origin is not None])


def _label(origin: Origin) -> str:
    tag = origin.path.rpartition("/")[2].partition("[")[0]
    return f"{origin.line} {tag}" if tag.startswith("@") else f"{origin.line} <{tag}>"
