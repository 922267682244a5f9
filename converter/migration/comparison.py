"""A whole migration compared: each campaign.cfg in it with the XML that it was made from."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import zip_longest

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from converter.errors import ConversionError, UsageError
from converter.expected import as_converted
from converter.files import (
    beside,
    called,
    in_utf8,
    included,
    keep_defect,
    of_system,
    read_campaign,
    read_input,
)
from converter.migration.compared import (
    FAILED,
    NOTHING,
    CampaignCheck,
    Comparison,
    FileCheck,
    check_of,
)
from converter.migration.manifest import Manifest, source_path
from converter.migration.names import MANIFEST
from converter.migration.row import output
from converter.migration.run import Progress
from converter.migration.workers import in_order
from converter.profiles.sizes import FileSize
from converter.profiles.user import facts
from converter.projectpy.reader import read
from converter.targetsize import with_sizes
from converter.verify.accepted import Accepted, accept
from converter.verify.rendering import ORDER
from converter.verify.verification import verify

__all__ = ["compare", "is_migration"]


def is_migration(path: str) -> bool:
    """Whether it is a directory that `migrate` has written."""
    return os.path.isfile(os.path.join(path, MANIFEST))


class _Made(Struct, frozen=True):
    """What was made of a source, which is read at `path`.

    report  below the migration; '' if there is none
    files   of each project the .cfg and .ini, where these are not the report's outputs: a family's
    """

    source: str
    path: str
    report: str
    reason: str
    files: tuple[tuple[str, ...], ...] = ()


class _Project(Struct, frozen=True):
    name: str
    experiment: str
    outputs: tuple[str, ...]


class _File(Struct, frozen=True):
    projects: tuple[_Project, ...]


class _Report(Struct, frozen=True):
    """What is needed of the report of a conversion."""

    files: tuple[_File]


class _Comparer:
    """Compares the campaigns of one file after the other, and never raises."""

    def __init__(
        self,
        out: str,
        experiment: str | None,
        profile: str | None,
        size: FileSize | None,
        accepted: Sequence[Accepted],
    ) -> None:
        self.out, self.experiment, self.profile, self.size = out, experiment, profile, size
        self.accepted = accepted

    def __call__(self, made: _Made) -> FileCheck:
        if not made.report:
            return FileCheck(made.source, NOTHING, reason=made.reason)
        try:
            campaigns = tuple(self._campaigns(made))
        except ConversionError as error:
            return FileCheck(made.source, FAILED, reason=str(error))
        except Exception:
            # A defect of this program: the other files are compared all the same.
            kept = keep_defect(f"file: {made.source}")
            return FileCheck(made.source, FAILED, reason=f"an internal error: {kept}", defect=True)
        verdicts = {campaign.verdict for campaign in campaigns}
        worst = next((verdict for verdict in ORDER if verdict in verdicts), NOTHING)
        reason = "" if campaigns else "POMS launches project.py itself"
        return FileCheck(made.source, worst, campaigns, reason)

    def died(self, made: _Made) -> FileCheck:
        reason = "the process that was at it ended: see whether there is enough memory"
        return FileCheck(made.source, FAILED, reason=reason)

    def _campaigns(self, made: _Made) -> Iterator[CampaignCheck]:
        reading = read(read_input(made.path), made.source)
        for project in self._projects(made):
            outputs = [self._place(path) for path in project.outputs]
            cfg = next((path for path in outputs if path.endswith(".cfg")), "")
            if not cfg:
                continue
            inis = [path for path in outputs if path.endswith(".ini")]
            experiment = self.experiment or project.experiment
            known = facts(experiment, self.profile, size=self.size)
            projects = with_sizes(reading.projects, known.file_sizes)
            usual = partial(
                as_converted, projects, known, made.source, in_utf8(os.path.basename(cfg))
            )
            found = verify(
                projects,
                known,
                read_campaign(cfg),
                usual,
                source=made.source,
                cfg=called(cfg),
                inis=[(ini, read_campaign(ini)) for ini in inis],
                project=project.name,
                find=partial(included, cfg=cfg),
                beside=partial(beside, cfg=cfg),
            )
            yield check_of(accept(found, self.accepted, datetime.date.today()))

    def _place(self, output: str) -> str:
        return os.path.join(self.out, of_system(output))

    def _projects(self, made: _Made) -> Iterator[_Project]:
        """By the report of the conversion."""
        path = self._place(made.report)
        try:
            (file,) = msgspec.json.decode(read_input(path, None), type=_Report).files
        except (msgspec.DecodeError, RecursionError):
            raise UsageError(
                "X2P915", "is not the report of a conversion", "migrate again", file=path
            ) from None
        for project, files in zip_longest(file.projects, made.files[: len(file.projects)]):
            yield replace(project, outputs=files) if files else project


def compare(
    out: str,
    *,
    experiment: str | None,
    profile: str | None,
    size: FileSize | None = None,
    accepted: Sequence[Accepted] = (),
    processes: int,
    progress: Progress,
) -> Comparison:
    """Compare every campaign of a migration, files in order, over processes.

    experiment, profile, size  as they were for `migrate`; experiment None: as recorded
    accepted                   differences that count no more

    Raises XmlError where the migration cannot be read.
    """
    recorded = Manifest(os.path.join(out, MANIFEST))
    there = recorded.directories
    made = [
        _Made(
            row["source"],
            source_path(out, there, row["source"]),
            output(row, ".json"),
            row.get("reason") or row["status"],
            tuple(tuple(p.get("files", ())) for p in row.get("projects", ())),
        )
        for row in recorded.rows()
        if row["status"] != "vanished"
    ]
    start = partial(_Comparer, out, experiment, profile, size, accepted)
    files = []
    progress.start(len(made))
    try:
        with closing(in_order(made, len(made), start, processes)) as results:
            for _, check in results:
                files.append(check)
                progress.advance(check.verdict)
    finally:
        progress.end()
    return Comparison(out, files)
