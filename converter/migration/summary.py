"""A migration in one piece: a row for each file, and what the rows add up to.

`migration.json`, format 1: `{"format", "tool", "totals", "findings", "unknown_tags", "roles",
"tasks", "conflicts", "namesakes", "stale", "waivers_file", "directories", "waivers", "files"}`,
the files last and each on a line of its own, so that it can be read and written without holding
it in memory.  It is also the manifest: `key` and `outputs` of a row tell the next run what is
done and whose it is, `check` whether the row is as it was written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import IO, Any

from msgspec import Struct, field
from msgspec.structs import asdict

from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.message import LEVELS, NEEDS
from converter.migration.row import FindingRow, Row
from converter.report.model import STATUSES, VERDICTS, FileReport, WaiverState, placed
from converter.report.todo import located

__all__ = [
    "ALL_STATUSES",
    "ALL_VERDICTS",
    "FAMILIES",
    "FAMILIES_FILE",
    "FOLDER",
    "FORMAT",
    "FRONT",
    "MANIFEST",
    "SARIF",
    "TODO",
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
    "campaigns_of",
    "directories_in",
    "family_page",
    "members_in",
    "output",
    "row_of",
    "rows_in",
    "source_path",
    "sum_up",
    "verdict_of",
    "weight_of",
    "worst_first",
    "write_json",
]

MANIFEST, SARIF = "migration.json", "migration.sarif"
"""What there is of a migration as data, at the top of the output tree."""

FAMILIES, FAMILIES_FILE = "families", "families.json"
"""The directory of what the families of a migration are written to, and the list of them."""

TODO = "todo.sh"
"""The script of all that is left to do, beside them."""

FRONT = "index.html"
"""The page of a migration, at the top of the output tree."""

FOLDER = "migration-pages"
"""Of all its other pages."""

FORMAT = 1
"""Version of migration.json; within one, fields are only ever added."""

ALL_VERDICTS = (*VERDICTS, "skipped", "vanished")
"""Of a row: those of a file; not a project.py file; recorded earlier, and not found again."""

ALL_STATUSES = (*STATUSES, "skipped", "vanished")
"""The older words for the same, which readers of format 1 know."""

WORST_FIRST = (*reversed(VERDICTS), "vanished", "skipped")

_ONCE = ("credentials", "define", "prestage")
"""Kinds of steps that are done once for all campaigns that need them."""


def row_of(report: FileReport, campaigns: Sequence[Sequence[str]]) -> Row:
    """What a migration records of a file.

    campaigns  the names in POMS of each project's campaign, or of those of its chains
    """
    error = report.error
    found: dict[str, FindingRow] = {}
    worst: Fate | None = None
    for finding in report.findings:
        if not finding.waived and (worst is None or finding.fate.rank > worst.rank):
            worst = finding.fate
        known = found.setdefault(
            finding.code,
            {
                "count": 0,
                "waived": 0,
                "fate": finding.fate.value,
                "need": finding.need,
                "line": finding.line,
                "message": finding.message,
            },
        )
        known["count"] += 1
        known["waived"] += finding.waived is not None
    unknown: dict[str, int] = {}
    for setting in report.settings:
        if setting.code and CATALOGUE[setting.code].marks == "unknown tag":
            tag = setting.path.rpartition("/")[2].partition("[")[0]
            unknown[tag] = unknown.get(tag, 0) + 1
    places = {path.rpartition("/")[2]: path for p in report.projects for path in p.outputs}
    steps = (step for step in report.checklist if step.kind in _ONCE)
    tasks = dict.fromkeys((s.kind, s.what, s.command, s.dataset) for s in steps)
    return {
        "status": report.status,
        "verdict": report.verdict,
        "needs": report.needs,
        "sha256": report.sha256,
        "error": {
            "code": error.code,
            "line": error.line,
            "message": error.message,
            "advice": error.advice,
        }
        if error
        else None,
        "leaves": len(report.settings),
        "fates": {fate.value: count for fate, count in report.fates.items()},
        "worst": worst and worst.value,
        "projects": [
            {
                "name": project.name,
                "experiment": project.experiment,
                "campaign": names[0],
                "campaigns": names,
                "role": project.role,
                "role_because": project.role_because,
                "stages": [
                    {"name": s.name, "status": s.status, "verdict": s.verdict}
                    for s in project.stages
                ],
            }
            for project, names in zip(report.projects, campaigns)
        ],
        "findings": found,
        "unknown": unknown,
        "tasks": [
            {"kind": kind, "what": what, "command": command, "dataset": dataset}
            for kind, what, command, dataset in tasks
        ],
        "todo": [(s.campaigns, located(s.script, places)) for s in report.checklist],
        "waivers": report.waivers,
    }


def campaigns_of(row: Row) -> Iterator[tuple[str, str]]:
    """Experiment and name of the campaigns that a file became, for each of its projects."""
    for project in row.get("projects", ()):
        for name in project.get("campaigns", [project["campaign"]]):
            yield project["experiment"], name


def verdict_of(row: Row) -> str:
    """What it takes to launch what a file became; of a row without it, why there is nothing."""
    return str(row.get("verdict") or row["status"])


def weight_of(row: Row) -> int:
    """How much a file asks of a person: first by what blocks it, then by what differs."""
    needs = row.get("needs", {})
    weight = 0
    for need in ("block", "agree", "optional"):
        weight = 1000 * weight + min(needs.get(need, 0), 999)
    return weight


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


def family_page(name: str) -> str:
    """Where the page of a family is."""
    return f"{FOLDER}/family-{name}.html"


def output(row: Row, ending: str) -> str:
    """The output of a row with that ending, its page or its report; '' if it has none."""
    return next((path for path in row["outputs"] if path.endswith(ending)), "")


def write_json(migration: Migration, version: str, file: IO[str]) -> None:
    """Write migration.json."""
    head = {"format": FORMAT, "tool": {"name": "xml2poms", "version": version}}
    file.write(_dumped(head)[:-1])
    file.write(f',\n"totals": {_dumped(_totals(migration))}')
    _array(file, "findings", map(_plain, migration.findings))
    _array(file, "unknown_tags", map(_plain, migration.unknown))
    _array(file, "roles", map(_plain, migration.roles))
    _array(file, "tasks", map(_plain, migration.tasks()))
    _array(file, "conflicts", map(_plain, migration.conflicts()))
    _array(file, "namesakes", map(_plain, migration.namesakes()))
    _array(file, "stale", map(_plain, migration.stale))
    file.write(f',\n"waivers_file": {_dumped(migration.waivers_file)}')
    file.write(f',\n"directories": {_dumped(migration.directories)}')
    _array(file, "waivers", map(_plain, migration.waivers))
    _array(file, "files", map(_checked, migration.texts()))
    file.write("}\n")


def _totals(migration: Migration) -> dict[str, Any]:
    return {
        "files": migration.files,
        "status": migration.statuses,
        "verdicts": migration.verdicts,
        "needs": migration.needs,
        "campaigns": migration.campaigns,
        "stages": migration.stages,
        "leaves": migration.leaves,
        "fates": migration.fates,
        "worst": migration.worst,
    }


def _plain(record: Any) -> str:
    return _dumped(asdict(record))


def _array(file: IO[str], name: str, items: Iterable[str]) -> None:
    file.write(f',\n"{name}": [')
    for number, item in enumerate(items):
        file.write(("," if number else "") + "\n" + item)
    file.write("\n]")


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def directories_in(lines: Iterable[str]) -> list[tuple[str, str]]:
    """What a migration.json says of where its sources are, as Migration has it."""
    start = '"directories": '
    for line in lines:
        if line.startswith('{"source":'):
            break
        if line.startswith(start):
            try:
                found = json.loads(line.removeprefix(start).rstrip().removesuffix(","))
                return [(str(prefix), str(path)) for prefix, path in found]
            except (ValueError, TypeError):
                break
    return []


def source_path(out: str, directories: Sequence[tuple[str, str]], source: str) -> str:
    """Where a source is: below its directory, as the migration left it, or as it is called."""
    for prefix, directory in directories:
        start = f"{prefix}/" if prefix else ""
        if source.startswith(start):
            folder = os.path.normpath(os.path.join(os.path.realpath(out), directory))
            path = os.path.relpath(os.path.join(folder, source.removeprefix(start)))
            if os.path.exists(path):
                return path
    return source


def members_in(lines: Iterable[str], family: str) -> list[str]:
    """The files of which campaigns are in a family."""
    return [
        row["source"]
        for row in rows_in(lines)
        if any(project.get("family") == family for project in row.get("projects", ()))
    ]


def waivers_file_in(lines: Iterable[str]) -> str:
    """What a migration.json says of where findings are accepted.  Raises ValueError."""
    start = '"waivers_file": '
    line = next((line for line in lines if line.startswith(start)), "")
    if not line:
        raise ValueError("it names no waivers")
    return str(json.loads(line.removeprefix(start).rstrip().removesuffix(",")))


def rows_in(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a migration.json; none where it is not one that was written here.

    Of a row that was changed since only its outputs count: the rest is to be found out anew.
    """
    for line in lines:
        if not line.startswith('{"source":'):
            continue
        text, check, digest = line.rstrip().removesuffix(",").removesuffix("}").rpartition(_CHECK)
        try:
            row = json.loads(f"{text}}}" if check else line.rstrip().removesuffix(","))
            json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            continue
        if check and digest == f'{_digest(f"{text}}}")}"':
            yield row
        elif isinstance(row.get("source"), str):
            outputs, stale = _outputs(row.get("outputs")), _outputs(row.get("stale"))
            yield Row(source=row["source"], status="failed", outputs=outputs, stale=stale)


_CHECK = ', "check": "'
"""What ends a row: a checksum of what stands before, by which a change is seen."""


def _checked(text: str) -> str:
    return f'{text[:-1]}{_CHECK}{_digest(text)}"}}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _outputs(found: object) -> dict[str, str]:
    """Those of recorded outputs that lie in the tree."""
    if not isinstance(found, dict):
        return {}
    return {
        path: known
        for path, known in found.items()
        if isinstance(known, str)
        and not path.startswith("/")
        and "\0" not in path
        and not {"", ".", ".."} & set(path.split("/"))
    }
