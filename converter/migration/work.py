"""One file of a migration: read, converted, written, and what is recorded of it."""

from __future__ import annotations

import codecs
import datetime
import hashlib
import json
import os
import re
import stat
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from converter.conversion import Campaign, Conversion, Options, convert, experiment_of, failed
from converter.errors import ConversionError, OutputError
from converter.families.member import Member, kin, made_of
from converter.files import called, keep_defect, unreadable
from converter.mapping.flow import FIFE_LAUNCH
from converter.migration.names import FOLDER, FRONT
from converter.migration.row import Row, row_of, verdict_of, weight_of
from converter.migration.survey import Candidate
from converter.migration.tree import Tree, checksum, is_fatal
from converter.profiles.sizes import FileSize
from converter.profiles.user import facts
from converter.projectpy.limits import MAX_BYTES
from converter.projectpy.reader import read
from converter.reading import read_bytes
from converter.report.model import FileReport, Report, with_outputs
from converter.report.rendering import as_json
from converter.report.waivers import Waiver, apply, in_force
from converter.version import version

__all__ = ["Job", "Made", "Outcome", "Settings", "Worker", "unpacked"]

_HEAD = 4096
"""How much of a file tells whether it can be XML at all, in bytes."""


class Settings(Struct, frozen=True):
    """What all files of a migration are converted with.

    out         the output tree; None: nothing is converted, only reported
    experiment  None: what each file's own signs tell
    role        production or analysis; None: what profile or file tell
    profile     the user's own profile, a file
    file_size   of the files that are read; None: what the profile tells
    waivers     accepted findings; today: the day for which they count
    replace     also outputs that were changed since they were written
    pages       write a page for people too
    write       False: everything but writing
    families    campaigns are written by families, not each by itself
    """

    out: str | None = None
    experiment: str | None = None
    role: str | None = None
    profile: str | None = None
    file_size: FileSize | None = None
    launcher: str = FIFE_LAUNCH
    comments: bool = True
    split_chains: bool = False
    waivers: tuple[Waiver, ...] = ()
    today: datetime.date = datetime.date.min
    replace: bool = False
    pages: bool = False
    write: bool = True
    families: bool = False

    def fingerprint(self) -> str:
        """A checksum of all that the outputs depend on besides the file itself."""
        own = b""
        if self.profile is not None:
            own = read_bytes(self.profile)
        parts = [
            *(version(), _code(), checksum(own)),
            *(
                self.experiment,
                self.role,
                repr(self.file_size),
                self.launcher,
                self.comments,
                self.pages,
                self.families,
                self.split_chains,
            ),
            *(os.environ.get(name, "") for name in ("EXPERIMENT", "SAM_EXPERIMENT")),
        ]
        return checksum(json.dumps(parts).encode())


class Job(NamedTuple):
    """A candidate, and what an earlier run recorded.

    key, verdict, outputs  of the candidate: outputs with their checksums
    left                  outputs of sources that are gone, where the candidate may put its own
    """

    candidate: Candidate
    key: str | None = None
    verdict: str = ""
    outputs: Mapping[str, str] = {}
    left: Mapping[str, str] = {}


class Made(NamedTuple):
    """What a project becomes, not written yet.

    name   of its campaign in POMS
    kin    what it has in common with those that may be one family with it; "" if it has no .cfg
           or several .ini, or shares one with another project: it is of no family
    files  path → text: the .cfg, scripts beside it, the .ini
    """

    name: str
    kin: str
    files: dict[str, str]

    def member(self, source: str) -> Member:
        """As it goes into a family."""
        return made_of(self.name, source, self.files)

    def packed(self) -> bytes:
        """All of it in few bytes, to be kept until its kin are known; see `unpacked`."""
        return zlib.compress(msgspec.msgpack.encode(self), 1)


def unpacked(data: bytes) -> Made:
    """What was packed."""
    return msgspec.msgpack.decode(zlib.decompress(data), type=Made)


class Outcome(NamedTuple):
    """What became of a file.

    row    to be recorded, as JSON; "" where the recorded one stays
    weight how much it asks of a person
    stale  whether it has outputs that are stale
    fatal  an error after which no other file can be written
    made   the campaigns that families are to be made of
    """

    verdict: str
    row: str = ""
    weight: int = 0
    stale: bool = False
    fatal: str | None = None
    made: tuple[Made, ...] = ()


def _code() -> str:
    """A checksum of this program: a checkout may be ahead of its version."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.*")):
        if path.suffix in (".py", ".cfg", ".md", ".html", ".css", ".js", ".sh"):
            found.update(path.read_bytes())
    return found.hexdigest()


class Worker:
    """Converts files, one after the other, and never raises for what is wrong with one."""

    def __init__(self, settings: Settings, fingerprint: str) -> None:
        self.settings = settings
        self.fingerprint = fingerprint
        self.tree = Tree(settings.out) if settings.out is not None else None

    def __call__(self, job: Job) -> Outcome:
        source = job.candidate.source
        data = b""
        try:
            data, reason = self._read(job.candidate)
            if reason:
                return self._row(job, {"status": "skipped", "reason": reason})
            key = self._key(job, data)
            if key == job.key and self._intact(job):
                return Outcome(job.verdict)
            return self._converted(job, data, key)
        except ConversionError as error:
            return self._failed(job, data, error)
        except OSError as error:
            return self._not_written(job, data, error)
        except Exception:
            # A defect of this program: the other files are converted all the same.
            kept = keep_defect(f"file: {source}")
            advice = f"report it with the XML and {kept}"
            return self._failed(job, data, ConversionError("X2P999", "an internal error", advice))

    def died(self, job: Job) -> Outcome:
        """What is recorded of a file that ended the process that was to convert it."""
        error = ConversionError(
            "X2P911",
            "the process that was converting it ended",
            "see whether there is enough memory; convert it alone",
        )
        return self._failed(job, b"", error)

    # -- reading ----------------------------------------------------------------------------

    def _read(self, candidate: Candidate) -> tuple[bytes, str]:
        """The file's bytes, and why it is none of project.py's, if it is not."""
        try:
            # Without waiting: it may be a pipe.
            descriptor = os.open(candidate.path, os.O_RDONLY | os.O_NONBLOCK)
            with open(descriptor, "rb", buffering=0) as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return b"", "no file"
                data = file.read(_HEAD) or b""
                named = candidate.source.lower().endswith(".xml")
                if not named and not _begins_as_xml(data):
                    return b"", "not XML"
                while 0 < len(data) <= MAX_BYTES:
                    more = file.read(MAX_BYTES + 1 - len(data))
                    if not more:
                        break
                    data += more
        except OSError as error:
            raise unreadable(candidate.source, error) from None
        return data, _no_project(data)

    def _key(self, job: Job, data: bytes) -> str:
        one = job.candidate
        waivers = in_force(self.settings.waivers, one.source, self.settings.today)
        parts = [self.fingerprint, one.source, one.stem, one.avoid]
        place = json.dumps([*parts, *map(repr, waivers)])
        return hashlib.sha256(place.encode() + b"\0" + data).hexdigest()

    def _intact(self, job: Job) -> bool:
        if self.tree is None:
            return False
        for path, known in job.outputs.items():
            there = self.tree.read(path)
            if there is None or checksum(there) != known:
                return False
        return True

    # -- converting -------------------------------------------------------------------------

    def _converted(self, job: Job, data: bytes, key: str) -> Outcome:
        stem = job.candidate.stem
        try:
            conversion = self._convert(job, data)
        except ConversionError as error:
            source = job.candidate.source
            report = failed(source, data, error.at(source))
            return self._written(job, report, {**row_of(report, ()), "key": key}, {})
        folder = stem.rpartition("/")[0]
        below = f"{folder}/" if folder else ""
        families = self.settings.families
        report = conversion.report
        if not families:
            report = with_outputs(
                report, [[below + file for file in c.files] for c in conversion.campaigns]
            )
        report = apply(report, self.settings.waivers, self.settings.today)
        campaigns = [campaign.names for campaign in conversion.campaigns]
        row: Row = {**row_of(report, campaigns), "key": key}
        if families:
            made = _all_made(conversion.campaigns, below)
            for project, one in zip(row["projects"], made):
                project["kin"] = one.kin
            return self._written(job, report, row, {})._replace(made=made)
        texts = {
            below + file: text
            for campaign in conversion.campaigns
            for file, text in campaign.files.items()
        }
        return self._written(job, report, row, texts)

    def made(self, candidate: Candidate) -> tuple[Made, ...]:
        """The campaigns of a file, nothing written; ConversionError where there are none."""
        data, _ = self._read(candidate)
        below, slash, _ = candidate.stem.rpartition("/")
        campaigns = self._convert(Job(candidate), data).campaigns
        return _all_made(campaigns, below + slash)

    def _written(self, job: Job, report: FileReport, row: Row, texts: dict[str, str]) -> Outcome:
        """Put a file's outputs and its report in place; a failed one has a report too."""
        if self.tree is None:
            return self._row(job, row)
        stem = job.candidate.stem
        texts[f"{stem}.json"] = as_json(Report((report,)), version())
        if self.settings.pages:
            # jinja2 is imported only where pages are made.
            from converter.report.html import as_html

            up = "../" * stem.count("/")
            texts[f"{stem}.html"] = as_html(Report((report,)), version(), up + FRONT, up + FOLDER)
        outputs = {path: text.encode() for path, text in texts.items()}
        self._put(job, outputs)
        sums = {path: checksum(content) for path, content in outputs.items()}
        return self._row(job, {**row, "outputs": sums})

    def _convert(self, job: Job, data: bytes) -> Conversion:
        source, settings = job.candidate.source, self.settings
        reading = read(data, source)
        experiment = settings.experiment or experiment_of(reading)
        profile = _facts(experiment, settings.profile, settings.role, settings.file_size)
        name = job.candidate.stem.rpartition("/")[2]
        options = Options(
            comments=settings.comments,
            output=f"{name}.cfg",
            launcher=settings.launcher,
            title=name,
            avoid=frozenset(job.candidate.avoid),
            split_chains=settings.split_chains,
        )
        return convert(reading, profile, source=source, data=data, options=options)

    def _put(self, job: Job, outputs: Mapping[str, bytes]) -> None:
        """Put the outputs in place: all, or none where one must not be replaced."""
        assert self.tree is not None
        ours = {path: (job.outputs.get(path), job.left.get(path)) for path in outputs}
        changed = self.tree.changed(outputs, ours, job.candidate.source, self.settings.replace)
        if self.settings.write:
            for path, content in changed.items():
                self.tree.put(path, content)

    # -- recording --------------------------------------------------------------------------

    def _failed(self, job: Job, data: bytes, error: ConversionError) -> Outcome:
        """For what may go well the next time: the outputs of before are still the file's."""
        facts = row_of(failed(job.candidate.source, data, error), ())
        return self._row(job, {**facts, "outputs": dict(job.outputs)})

    def _not_written(self, job: Job, data: bytes, error: OSError) -> Outcome:
        source, out = job.candidate.source, self.settings.out
        what = called(os.path.relpath(error.filename, out)) if error.filename else "an output"
        refused = OutputError(
            "X2P904",
            f"{what} cannot be written: {error.strerror or error}",
            "look at what is there; or make room",
            file=source,
        )
        outcome = self._failed(job, data, refused)
        return outcome._replace(fatal=error.strerror) if is_fatal(error) else outcome

    def _row(self, job: Job, facts: Row) -> Outcome:
        row: Row = {"source": job.candidate.source, **facts}
        outputs = row.setdefault("outputs", {})
        row["stale"] = {p: known for p, known in job.outputs.items() if p not in outputs}
        data = json.dumps(row, ensure_ascii=False)
        return Outcome(verdict_of(row), data, weight_of(row), bool(row["stale"]))


def _all_made(campaigns: Sequence[Campaign], below: str) -> tuple[Made, ...]:
    return tuple(
        Made(
            one.name,
            kin(made_of(one.name, "", one.files)) if one.is_alone(campaigns) else "",
            {below + name: text for name, text in one.files.items()},
        )
        for one in campaigns
    )


_facts = cache(facts)
"""A migration has few experiments, and one profile."""


_LT = rb"(?:<|&#0*60;|&#x0*3[cC];)"
"""The beginning of an element, also in an entity's value."""

_PROJECT = re.compile(_LT + rb"project[\s>/]")
_CONTENT = re.compile(_LT + rb"(?:stage|fcl|numevents|larsoft)[\s>/]")


def _begins_as_xml(data: bytes) -> bool:
    start = _narrow(data).lstrip()[:1]
    # Blanks alone may go on for longer than the part that was read.
    return start == b"<" or (not data.strip() and len(data) == _HEAD)


def _narrow(data: bytes) -> bytes:
    """The bytes as they would be in UTF-8, but for letters that are not ASCII.

    Whatever a declaration says: what is declared wrongly is refused when it is read.
    """
    return data.replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16)


def _no_project(data: bytes) -> str:
    """Why the bytes are no project.py file; '' where they look like one."""
    if not data.strip():
        return "empty"
    data = _narrow(data)
    if not _PROJECT.search(data):
        return "no <project> in it"
    if not _CONTENT.search(data):
        return "a <project> of another program: no stage, fcl, number of events or larsoft in it"
    return ""
