"""A whole migration: survey, conversion, what is left over, the sum of it all."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import IO, Any, BinaryIO, Protocol

import msgspec
from msgspec import Struct

from converter.errors import ConversionError
from converter.families.grouping import Rule
from converter.files import in_utf8, unwritable
from converter.migration import names
from converter.migration.manifest import places, salvaged, write_json
from converter.migration.names import FAMILIES_FILE, FOLDER, FRONT, MANIFEST, SARIF, TODO
from converter.migration.row import Row, campaigns_of, output, verdict_of
from converter.migration.store import Store
from converter.migration.summary import Migration, Namesakes, Stale, Task, sum_up
from converter.migration.survey import Candidate, Selection, Unlisted, listed, prefixes, survey
from converter.migration.tree import Tree, checksum
from converter.migration.work import Job, Settings, Worker
from converter.migration.workers import outcomes
from converter.reading import open_text
from converter.report.checklist import OPTIONAL, PARTS, section
from converter.report.model import FileReport
from converter.report.rendering import findings_in
from converter.report.sarif import write_sarif
from converter.report.todo import Todo, as_script, holds_back, located
from converter.report.waivers import states
from converter.version import version

__all__ = ["Progress", "Request", "migrate"]

_COMMIT = 1.0
"""Seconds between the points from which an interrupted run goes on."""


class Progress(Protocol):
    """Who is told how far it is."""

    def start(self, total: int) -> None:
        """So many files are to be looked at."""

    def advance(self, verdict: str) -> None:
        """One file is done, and has that verdict."""

    def end(self) -> None:
        """Nothing more comes."""


class Request(Struct, frozen=True):
    """What to migrate, and how.

    directories, files  where the sources are; files (): there is no list of them
    settings            settings.out is the output tree; without one nothing is written
    waivers_file        where findings are accepted, whether there is such a file or not
    sarif               write migration.sarif too
    prune               remove outputs that no source makes any more
    rule                which campaigns are a family, where these are asked for
    """

    directories: Sequence[str]
    files: Iterable[str]
    selection: Selection
    settings: Settings
    jobs: int
    waivers_file: str
    sarif: bool = False
    prune: bool = False
    rule: Rule = Rule()


def migrate(request: Request, progress: Progress, use: Callable[[Migration], None]) -> None:
    """Convert all sources, write `migration.json`, and give the sum to `use`.

    What the Migration goes through is there only while `use` runs.  Raises OutputError where
    nothing can be written; a run that is interrupted between two files is gone on with by the next.
    """
    settings = request.settings
    tree = Tree(settings.out) if settings.out is not None else None
    writes = tree is not None and settings.write
    with ExitStack() as stack:
        if tree is not None and not settings.replace:
            names.check(tree.root, sarif=request.sarif, pages=settings.pages)
        if tree is not None and writes:
            stack.enter_context(tree.opened())
            store = _opened(tree.store, tree.root)
        else:
            store = Store("")
        stack.callback(store.close)
        try:
            if tree is not None and store.fresh:
                for row in _recorded(tree):
                    store.put(row)
            _survey(request, store)
            progress.start(len(store))
            try:
                _convert(request, store, progress)
            finally:
                progress.end()
            if tree is not None and settings.families:
                # What families need is imported only where there are any, here and below.
                from converter.migration import families

                worker = Worker(settings, settings.fingerprint())
                families.make(store, tree, worker, request.rule)
            stale = tuple(_left_over(store, tree, request)) if tree is not None else ()
            migration = _sum(store, stale, request)
            if tree is not None and writes:
                _write(tree, migration)
                _write_families(tree, store, migration, request)
                _write_todo(tree, store, migration)
                _write_pages(tree, store, migration, pages=settings.pages)
                if request.sarif:
                    _write_sarif(tree, migration)
                elif names.is_ours(os.path.join(tree.root, SARIF)):
                    tree.remove(SARIF)
        except OSError as error:
            raise unwritable(error.filename or settings.out or "", error) from None
        except sqlite3.Error as error:
            raise unwritable(settings.out or "", str(error)) from None
        try:
            use(migration)
        finally:
            if tree is not None and writes:
                store.close()
                tree.cleared()


def _opened(path: str, root: str) -> Store:
    try:
        try:
            return Store(path)
        except sqlite3.DatabaseError:
            # Of another version, or of a machine that went down: the outputs are still there.
            if os.path.exists(path):
                os.unlink(path)
            return Store(path)
    except (OSError, sqlite3.Error) as error:
        raise unwritable(root, str(error)) from None


def _recorded(tree: Tree) -> Iterator[Row]:
    """The rows of the last run, as far as they are known."""
    path = os.path.join(tree.root, MANIFEST)
    if not names.is_ours(path):
        return
    try:
        with open_text(path, errors="replace") as file:
            yield from salvaged(file)
    except OSError as error:
        raise unwritable(path, error) from None


def _survey(request: Request, store: Store) -> None:
    out = request.settings.out
    found: list[Iterable[Candidate | Unlisted]] = [
        survey(request.directories, out or "", request.selection),
        listed(request.files, request.selection),
    ]
    for one in (one for some in found for one in some):
        if isinstance(one, Candidate):
            store.add(one)
        else:
            inside = "" if one.source == os.curdir else f"{one.source}/"
            store.unlisted(_unlisted(one), inside if one.failed else None)
    store.find_orphans()


def _unlisted(one: Unlisted) -> Row:
    facts: Row = {"source": one.source, "status": "skipped", "reason": one.reason}
    if one.failed:
        facts["status"] = "failed"
        facts["error"] = {
            "code": "X2P905",
            "line": None,
            "message": one.reason,
            "advice": "check the name and its permissions",
        }
    return {**facts, "outputs": {}, "stale": {}}


def _convert(request: Request, store: Store, progress: Progress) -> None:
    def jobs() -> Iterator[Job]:
        for candidate, row in store.candidates():
            left = store.orphans(candidate.stem)
            if row is None:
                yield Job(candidate, left=left)
            else:
                owned = {**row["stale"], **row["outputs"]}
                yield Job(candidate, row.get("key"), verdict_of(row), owned, left)

    committed = time.monotonic()
    # Closed before anything else is: no process may still write then.
    with closing(outcomes(jobs(), len(store), request.settings, request.jobs)) as results:
        for job, outcome in results:
            if outcome.row:
                source = job.candidate.source
                store.put_text(source, outcome.verdict, outcome.weight, outcome.stale, outcome.row)
                for number, one in enumerate(outcome.made):
                    store.made(source, number, one.packed())
            progress.advance(outcome.verdict)
            if outcome.fatal:
                raise unwritable(request.settings.out or "", outcome.fatal)
            if time.monotonic() - committed > _COMMIT:
                store.commit()
                committed = time.monotonic()
    store.commit()


# -- what is left over ----------------------------------------------------------------------


def _left_over(store: Store, tree: Tree, request: Request) -> Iterator[Stale]:
    """Outputs that no source makes any more; with `prune` they are removed."""
    rows = store.to_clear_up()
    for row, found in rows:
        owned = row["stale"] if found else {**row["stale"], **row["outputs"]}
        reason = "its source is not made into it any more" if found else "its source is not there"
        for path, known in owned.items():
            store.stale(path, row["source"], known, reason)
    gone = {row["source"] for row, found in rows if not found}
    if rows:
        for row in store.rows():
            if row["source"] not in gone:
                for path in row["outputs"]:
                    store.not_stale(path)
    left: dict[str, dict[str, str]] = {}
    for path, source, known, reason in store.all_stale():
        there = tree.read(path)
        if there is None:
            continue
        changed = checksum(there) != known
        if request.prune and request.settings.write and not changed:
            tree.remove(path)
            continue
        left.setdefault(source, {})[path] = known
        yield Stale(path, source, f"{reason}; changed since it was written" if changed else reason)
    for row, found in rows:
        stale = left.get(row["source"], {})
        if found:
            if row["stale"] != stale:
                store.put({**row, "stale": stale})
        elif stale:
            store.put(Row(source=row["source"], status="vanished", outputs={}, stale=stale))
        else:
            store.remove(row["source"])


# -- the sum --------------------------------------------------------------------------------


def _sum(store: Store, stale: tuple[Stale, ...], request: Request) -> Migration:
    def counted() -> Iterator[Row]:
        for row in store.rows():
            for task in row.get("tasks", ()):
                command, dataset = task["command"] or "", task.get("dataset", "")
                store.task(task["kind"], task["what"], command, dataset, row["source"])
            if request.settings.pages and "findings" in row:
                store.paged(row, output(row, ".html"))
            _enter_todo(store, row, request.settings.out or "", directories)
            for experiment, name in campaigns_of(row):
                store.name(experiment, name, row["source"])
            yield row

    directories = tuple(_directories(request))
    migration = Migration(
        stale=stale,
        rows=store.rows,
        heaviest=store.heaviest,
        texts=store.texts,
        waivers_file=request.waivers_file,
        directories=directories,
    )
    used = sum_up(migration, counted())
    settings = request.settings
    migration.waivers = states(settings.waivers, used, settings.today)
    migration.page = store.page
    migration.tasks = lambda: (Task(*values) for values in store.tasks())
    migration.namesakes = lambda: (Namesakes(*values) for values in store.namesakes())
    return migration


def _enter_todo(store: Store, row: Row, out: str, directories: Sequence[tuple[str, str]]) -> None:
    """Enter what is left to do for a file; project.py as launcher gets the XML from where it is.

    directories  as Migration has them, from `out`
    """
    source = row["source"]
    there = [os.path.join(directory, below) for directory, below in places(directories, source)]
    if len(there) > 1:
        there.sort(key=lambda path: not os.path.exists(os.path.join(out, path)))
    found = {source.rpartition("/")[2]: path for path in there[:1]}
    for campaigns, script in row.get("todo", ()):
        words = located(script, found)
        part = section(words[0])
        dataset = words[2] if words[0] in ("define", "prestage") else ""
        store.todo(json.dumps(words), PARTS.index(part), campaigns, dataset)


def _directories(request: Request) -> Iterator[tuple[str, str]]:
    """What stands in front of sources, and where they are, from the output tree."""
    if request.settings.out is None:
        return
    out = os.path.realpath(request.settings.out)
    for prefix, path in zip(prefixes(request.directories), request.directories):
        yield prefix, in_utf8(os.path.relpath(os.path.realpath(path), out))
    if request.files != ():
        yield "", in_utf8(os.path.relpath(os.path.realpath("."), out))


def _write_pages(tree: Tree, store: Store, migration: Migration, *, pages: bool) -> None:
    """Write the pages of the migration, and remove those that there are no more."""
    written: set[str] = set()

    def put(path: str, page: str) -> None:
        written.add(path)
        tree.put(path, page.encode())

    if pages:
        # jinja2 is imported only where pages are made.
        from converter.migration.familypages import family_pages
        from converter.migration.pages import write_pages

        def of_families(
            views: Sequence[tuple[str, str]],
        ) -> Iterator[tuple[Mapping[str, Any], int]]:
            from converter.migration.families import listed

            families = listed(store)
            return family_pages(families, migration, views, version(), store.row, tree.read, put)

        several = of_families if migration.families is not None else None
        write_pages(migration, version(), store.findings, store.stages, put, several)
    folder = os.path.join(tree.root, FOLDER)
    there = [FRONT]
    if os.path.isdir(folder) and not os.path.islink(folder):
        there += [f"{FOLDER}/{name}" for name in os.listdir(folder)]
    for path in there:
        if path not in written and names.is_ours(os.path.join(tree.root, path)):
            tree.remove(path)


def _write_sarif(tree: Tree, migration: Migration) -> None:
    def files() -> Iterator[FileReport]:
        for row in migration.rows(""):
            error, report = row.get("error"), output(row, ".json")
            if error:
                # Its report may be of a time when it went well.
                failed = ConversionError(**error)
                yield FileReport(row["source"], row.get("sha256", ""), row["status"], failed)
            elif report:
                data = tree.read(report)
                if data is not None and checksum(data) == row["outputs"][report]:
                    yield from findings_in(msgspec.json.decode(data))

    codes = [rank.code for rank in migration.findings]
    _put(tree, SARIF, lambda file: write_sarif(files(), codes, version(), file))


def _write(tree: Tree, migration: Migration) -> None:
    _put(tree, MANIFEST, lambda file: write_json(migration, version(), file))


def _write_families(tree: Tree, store: Store, migration: Migration, request: Request) -> None:
    """The list of families, where there are any."""
    if not request.settings.families:
        if names.is_ours(os.path.join(tree.root, FAMILIES_FILE)):
            tree.remove(FAMILIES_FILE)
        return

    from converter.migration.families import write_families

    def write(file: IO[str]) -> None:
        migration.families = write_families(store, tree, version(), file)

    _put(tree, FAMILIES_FILE, write)


def _write_todo(tree: Tree, store: Store, migration: Migration) -> None:
    numbers = [PARTS.index(name) for name in ("definitions", "prestaging", OPTIONAL)]
    steps = (
        Todo(PARTS[part], campaigns, json.loads(script))
        for part, campaigns, script in store.todos(*numbers)
    )
    about = f"{migration.campaigns} campaigns"
    blocked = _held_back(store)
    _put(tree, TODO, lambda file: file.writelines(as_script(steps, about, blocked)))


def _held_back(store: Store) -> Iterator[tuple[str, Sequence[str]]]:
    """Campaigns that are not to be launched yet, and the codes of what is in the way."""
    for row in store.rows("blocked"):
        codes = [
            code
            for code, found in sorted(row.get("findings", {}).items())
            if found["waived"] < found["count"] and holds_back(code, found["need"])
        ]
        if codes:
            names = dict.fromkeys(name for whose, _ in row.get("todo", ()) for name in whose)
            yield from ((name, codes) for name in names)


def _put(tree: Tree, name: str, write: Callable[[IO[str]], None]) -> None:
    """Put a file of the whole migration in place, unless it is there already."""

    def fill(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="\n")
        write(text)
        text.detach()

    tree.write(name, fill)
