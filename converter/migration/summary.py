"""A migration in one piece: what the rows of its files add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from msgspec import Struct, field

from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.message import LEVELS, NEEDS
from converter.migration.row import FindingRow, Row, campaigns_of, verdict_of
from converter.report.model import STATUSES, VERDICTS, WaiverState, placed

__all__ = [
    "ALL_STATUSES",
    "ALL_VERDICTS",
    "WORST_FIRST",
    "Conflict",
    "Count",
    "Families",
    "Migration",
    "Namesakes",
    "Rank",
    "Role",
    "Stale",
    "Task",
    "sum_up",
    "worst_first",
]

ALL_VERDICTS = (*VERDICTS, "skipped", "vanished")
"""Of a row: those of a file; not a project.py file; recorded earlier, and not found again."""

ALL_STATUSES = (*STATUSES, "skipped", "vanished")
"""The older words for the same, which readers of format 1 know."""

WORST_FIRST = (*reversed(VERDICTS), "vanished", "skipped")


class Rank(Struct):
    """A kind of finding: in how many files, how often, how often accepted, and one of them."""

    code: str
    level: str
    fate: Fate
    title: str
    files: int
    count: int
    waived: int
    source: str
    line: int | None
    message: str
    need: str = ""

    @property
    def open(self) -> bool:
        """Whether some are not accepted."""
        return self.count > self.waived

    @property
    def example(self) -> str:
        return placed(self.source, self.line)


class Count(Struct, frozen=True):
    """Something by its name, in how many files, and the first of them."""

    name: str
    files: int
    source: str


class Role(Struct, frozen=True):
    """A role and a kind of reason, how many files have it, and the first of them."""

    role: str
    because: str
    files: int
    source: str


class Task(Struct, frozen=True):
    """A step that is done once for all files that need it."""

    kind: str
    what: str
    command: str
    files: int
    source: str
    dataset: str = ""


class Conflict(Struct, frozen=True):
    """A dataset that is defined in several ways, and files that do so."""

    name: str
    ways: int
    sources: tuple[str, ...]


class Namesakes(Struct, frozen=True):
    """A campaign's name that several have: in POMS each would replace the one before."""

    experiment: str
    name: str
    files: int
    source: str


class Stale(Struct, frozen=True):
    """An output that no source makes any more."""

    path: str
    source: str
    reason: str


class Families(Struct):
    """How many families there are, and campaigns in them.

    alone      campaigns that are in none
    columns    of all tables, but for the campaigns' names
    overrides  of all campaigns in families
    """

    families: int = 0
    campaigns: int = 0
    alone: int = 0
    columns: int = 0
    overrides: int = 0


class Migration(Struct):
    """What the rows add up to; what may be as long as the list of files is gone through anew.

    statuses  status → number of files; they add up to `files`
    findings  worst first, then by the number of files
    """

    files: int = 0
    statuses: dict[str, int] = {}
    leaves: int = 0
    fates: dict[str, int] = {}
    campaigns: int = 0
    stages: int = 0
    findings: tuple[Rank, ...] = ()
    unknown: tuple[Count, ...] = ()
    roles: tuple[Role, ...] = ()
    stale: tuple[Stale, ...] = ()
    waivers: tuple[WaiverState, ...] = ()
    waivers_file: str = ""
    directories: tuple[tuple[str, str], ...] = ()
    """What stands in front of the sources below a directory, and where it is, from here."""
    worst: dict[str, int] = {}
    """Worst fate of a file's findings → number of files; waived findings left out."""
    verdicts: dict[str, int] = {}
    """One of ALL_VERDICTS → number of files."""
    needs: dict[str, int] = {}
    """What findings ask for → number of files with one that is not accepted."""
    refused: int = 0
    """Files of which outputs could not be put in place."""
    defects: int = 0
    """Files on which this program failed."""
    errors: dict[str, int] = {}
    """Code of an error → number of files that could not be converted for it."""
    rows: Callable[[str], Iterable[Row]] = field(default=lambda status: ())
    """The rows of a verdict, or all with ''."""
    heaviest: Callable[[str], Iterable[Row]] = field(default=lambda verdict: ())
    """The rows of a verdict, those that ask for most first."""
    texts: Callable[[], Iterable[str]] = tuple
    """All rows as JSON."""
    tasks: Callable[[], Iterable[Task]] = tuple
    namesakes: Callable[[], Iterable[Namesakes]] = tuple
    families: Families | None = None
    page: Callable[[str], str] = field(default=lambda source: "")
    """The page of a source, '' if it has none."""

    def conflicts(self) -> Iterator[Conflict]:
        """Datasets that several files define with other dimensions: only one of them can exist."""
        definitions = (task for task in self.tasks() if task.kind == "define" and task.dataset)
        # They come by their datasets.
        for name, same in groupby(definitions, key=lambda task: task.dataset):
            ways = list(same)
            if len(ways) > 1:
                yield Conflict(name, len(ways), tuple(dict.fromkeys(t.source for t in ways)))

    def fails(self, limit: str) -> bool:
        """Whether a finding that is not accepted reaches one of FAIL_ON."""
        order = list(NEEDS)
        if limit in order:
            return any(order.index(name) >= order.index(limit) for name in self.needs)
        return any(Fate(name).rank >= Fate(limit).rank for name in self.worst)


def sum_up(migration: Migration, rows: Iterable[Row]) -> dict[str, int]:
    """Count the rows, ordered by source, into the migration.

    Returns the names of the waivers that accept something, with the number of files.
    """
    used: dict[str, int] = {}
    ranks: dict[str, Rank] = {}
    unknown: dict[str, Count] = {}
    roles: dict[tuple[str, str], Role] = {}
    for row in rows:
        source = row["source"]
        migration.files += 1
        _add(migration.statuses, row["status"])
        _add(migration.verdicts, verdict_of(row))
        for need, count in row.get("needs", {}).items():
            if count:
                _add(migration.needs, need)
        error = row.get("error")
        if error:
            marks = CATALOGUE[error["code"]].marks
            migration.refused += marks == "refused"
            migration.defects += marks == "defect"
            _add(migration.errors, error["code"])
        migration.leaves += row.get("leaves", 0)
        for fate, count in row.get("fates", {}).items():
            _add(migration.fates, fate, count)
        worst = row.get("worst")
        if worst:
            _add(migration.worst, worst)
        migration.campaigns += len(set(campaigns_of(row)))
        for project in row.get("projects", ()):
            migration.stages += len(project["stages"])
        for reason in {
            (p["role"], p["role_because"]): None for p in row.get("projects", ()) if "role" in p
        }:
            first = roles.get(reason, Role(*reason, 0, source))
            roles[reason] = Role(*reason, first.files + 1, first.source)
        for code, found in row.get("findings", {}).items():
            _rank(ranks, source, code, found)
        for name in row.get("waivers", ()):
            _add(used, name)
        for tag in row.get("unknown", {}):
            known = unknown.get(tag, Count(tag, 0, source))
            unknown[tag] = Count(tag, known.files + 1, known.source)
    migration.statuses = _ordered(migration.statuses, ALL_STATUSES)
    migration.verdicts = _ordered(migration.verdicts, ALL_VERDICTS)
    migration.needs = _ordered(migration.needs, reversed(NEEDS))
    migration.errors = dict(sorted(migration.errors.items(), key=lambda e: (-e[1], e[0])))
    migration.fates = _ordered(migration.fates, [fate.value for fate in Fate])
    migration.findings = tuple(
        sorted(ranks.values(), key=lambda r: worst_first(r.code, r.fate, r.files, r.need))
    )
    migration.unknown = tuple(sorted(unknown.values(), key=lambda c: (-c.files, c.name)))
    migration.roles = tuple(sorted(roles.values(), key=lambda r: (-r.files, r.because)))
    return used


def _add(counts: dict[str, int], name: str, count: int = 1) -> None:
    counts[name] = counts.get(name, 0) + count


def _ordered(counts: Mapping[str, int], order: Iterable[str]) -> dict[str, int]:
    return {name: counts[name] for name in order if name in counts}


def _rank(ranks: dict[str, Rank], source: str, code: str, found: FindingRow) -> None:
    fate = Fate(found["fate"])
    known = ranks.get(code)
    if known is None:
        message = CATALOGUE[code]
        ranks[code] = Rank(
            *(code, message.level, fate, message.title, 1, found["count"], found["waived"]),
            *(source, found["line"], found["message"], found["need"]),
        )
        return
    known.files += 1
    known.count += found["count"]
    known.waived += found["waived"]
    known.fate = max(known.fate, fate, key=lambda f: f.rank)
    known.need = max(known.need, found["need"], key=list(NEEDS).index)


def worst_first(code: str, fate: Fate, files: int, need: str) -> tuple[int, int, int, int, str]:
    """The order of kinds of findings: by what they ask for, by fate, level, number of files."""
    level = LEVELS.index(CATALOGUE[code].level)
    return -list(NEEDS).index(need), -fate.rank, -level, -files, code
