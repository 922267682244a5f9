"""What a migration knows while it runs: on disk, so that memory does not grow with it.

An SQLite file in the output tree, removed when the migration ends well; what is found of one
that was interrupted is gone on with.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from converter.migration.row import Row, verdict_of, weight_of
from converter.migration.survey import Candidate

__all__ = ["Store"]

"""What is recorded of a file; see `converter.migration.work`."""

_LAYOUT = 5
_CACHE = 512
"""Of each of SQLite's two caches, in kB: rows are mostly gone through in order."""

_TABLES = """
CREATE TABLE IF NOT EXISTS rows (
    source TEXT PRIMARY KEY, verdict TEXT NOT NULL, weight INTEGER NOT NULL,
    stale INTEGER NOT NULL, data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heaviest ON rows (verdict, weight DESC, source);
DROP TABLE IF EXISTS candidates;
CREATE TABLE candidates (
    number INTEGER PRIMARY KEY, path BLOB NOT NULL, source TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL, name TEXT NOT NULL UNIQUE, avoid TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE INDEX folded ON candidates (folded);
CREATE TEMP TABLE unlisted (source TEXT PRIMARY KEY, below TEXT) WITHOUT ROWID;
CREATE TEMP TABLE orphans (path TEXT PRIMARY KEY, checksum TEXT) WITHOUT ROWID;
CREATE TEMP TABLE stale (
    path TEXT PRIMARY KEY, source TEXT, checksum TEXT, reason TEXT
) WITHOUT ROWID;
CREATE TEMP TABLE tasks (
    what TEXT, command TEXT, kind TEXT, files INTEGER, example TEXT, dataset TEXT,
    PRIMARY KEY (what, command)
) WITHOUT ROWID;
CREATE TEMP TABLE todo (
    number INTEGER PRIMARY KEY, script TEXT UNIQUE, part INTEGER, dataset TEXT
);
CREATE TEMP TABLE whose (number INTEGER, campaign TEXT, PRIMARY KEY (number, campaign));
CREATE TEMP TABLE findings (
    code TEXT, source TEXT, count INTEGER, waived INTEGER, PRIMARY KEY (code, source)
) WITHOUT ROWID;
CREATE TEMP TABLE stages (
    name TEXT, source TEXT, verdict TEXT, PRIMARY KEY (name, source)
) WITHOUT ROWID;
CREATE TEMP TABLE kin (
    kin TEXT, source TEXT, number INTEGER, name TEXT, key TEXT, print TEXT,
    PRIMARY KEY (kin, source, number)
) WITHOUT ROWID;
CREATE TEMP TABLE made (source TEXT, number INTEGER, data BLOB, PRIMARY KEY (source, number));
CREATE TEMP TABLE launched (
    source TEXT, number INTEGER, data BLOB, PRIMARY KEY (source, number)
) WITHOUT ROWID;
CREATE TEMP TABLE members (
    family TEXT, source TEXT, campaign TEXT, overrides INTEGER, facts TEXT,
    PRIMARY KEY (family, source, campaign)
) WITHOUT ROWID;
CREATE TEMP TABLE pages (source TEXT PRIMARY KEY, path TEXT) WITHOUT ROWID;
CREATE TEMP TABLE names (
    experiment TEXT, name TEXT, source TEXT, PRIMARY KEY (experiment, name, source)
) WITHOUT ROWID;
"""


_UNKNOWN = """r.source IN (SELECT source FROM unlisted) OR
    EXISTS (SELECT 1 FROM unlisted WHERE substr(r.source, 1, length(below)) = below)"""
"""Whether a row's source may be there: it lies where nothing could be listed."""


class Store:
    """Candidates and rows.

    path  of the SQLite file; "" for one that only this run knows
    """

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA synchronous = OFF")
        # Its files are opened once: what is put in their place later is not written to.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = TRUNCATE")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._db.execute(f"PRAGMA temp.cache_size = -{_CACHE}")
        (layout,) = self._db.execute("PRAGMA user_version").fetchone()
        if layout not in (0, _LAYOUT):
            raise sqlite3.DatabaseError("of another version")
        self.fresh = layout == 0
        """Whether no rows of an interrupted run were found."""
        self._orphans = False
        self._db.executescript(_TABLES)
        self._db.execute(f"PRAGMA user_version = {_LAYOUT}")
        self._db.execute("BEGIN")

    def close(self) -> None:
        self._db.close()

    def commit(self) -> None:
        """What was put so far stays, whatever happens to this process."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    # -- candidates -------------------------------------------------------------------------

    def add(self, candidate: Candidate) -> None:
        """Enter a candidate, once, with a stem whose last part no other one has."""
        path = os.fsencode(candidate.path)
        source = candidate.source
        while True:
            found = self._db.execute(
                "SELECT path FROM candidates WHERE source = ?", (source,)
            ).fetchone()
            if found is None:
                break
            if found == (path,):
                return
            source += "_"
        folder, slash, name = candidate.stem.rpartition("/")
        while self._has("SELECT 1 FROM candidates WHERE name = ?", name):
            name += "_"
        self._db.execute(
            "INSERT INTO candidates (path, source, folder, name, avoid, folded) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (path, source, folder + slash, name, json.dumps(candidate.avoid), name.casefold()),
        )

    def candidates(self, number: int = 0) -> Iterator[tuple[Candidate, Row | None]]:
        """Each candidate after that number, and what is recorded of it."""
        query = (
            "SELECT path, c.source, folder || name, avoid, data FROM candidates c "
            "LEFT JOIN rows r ON r.source = c.source WHERE number > ? ORDER BY number LIMIT 256"
        )
        # In portions: rows are put while the candidates are gone through.
        while portion := self._db.execute(query, (number,)).fetchall():
            number += len(portion)
            for path, source, stem, avoid, data in portion:
                near = {*json.loads(avoid), *self._beginning(stem.rpartition("/")[2])}
                candidate = Candidate(os.fsdecode(path), source, stem, tuple(sorted(near)))
                yield candidate, json.loads(data) if data else None

    def _beginning(self, name: str) -> list[str]:
        """The names, in any directory, that begin with that one and a dash."""
        start = name.casefold() + "-"
        return [
            folded
            for (folded,) in self._db.execute(
                "SELECT folded FROM candidates WHERE folded >= ? AND folded < ?",
                (start, start[:-1] + "."),
            )
        ]

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM candidates").fetchone()
        return int(count)

    def unlisted(self, row: Row, below: str | None) -> None:
        """Record a place of which the files are not known, which is no candidate itself.

        below  what the sources begin with of which it is not known whether they are there
        """
        self._db.execute("INSERT OR IGNORE INTO unlisted VALUES (?, ?)", (row["source"], below))
        self.put(row)

    # -- rows -------------------------------------------------------------------------------

    def put(self, row: Row) -> None:
        data = json.dumps(row, ensure_ascii=False)
        self.put_text(row["source"], verdict_of(row), weight_of(row), bool(row["stale"]), data)

    def put_text(self, source: str, verdict: str, weight: int, stale: bool, data: str) -> None:
        """Enter a row that is JSON already; whether it has outputs that are stale."""
        self._db.execute(
            "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
            (source, verdict, weight, stale, data),
        )

    def remove(self, source: str) -> None:
        self._db.execute("DELETE FROM rows WHERE source = ?", (source,))

    def rows(self, verdict: str = "") -> Iterator[Row]:
        """All rows, by source, or those of one verdict."""
        return map(json.loads, self.texts(verdict))

    def heaviest(self, verdict: str) -> Iterator[Row]:
        """The rows of a verdict, those that ask for most first."""
        query = "SELECT source FROM rows WHERE verdict = ? ORDER BY weight DESC, source"
        for (source,) in self._each(query, (verdict,)):
            (data,) = self._db.execute(
                "SELECT data FROM rows WHERE source = ?", (source,)
            ).fetchone()
            yield json.loads(data)

    def texts(self, verdict: str = "") -> Iterator[str]:
        """The rows as JSON."""
        query = "SELECT source, data FROM rows WHERE source > ? AND verdict LIKE ? "
        query += "ORDER BY source LIMIT 256"
        last = ""
        while portion := self._db.execute(query, (last, verdict or "%")).fetchall():
            for _, data in portion:
                yield data
            last = portion[-1][0]

    def to_clear_up(self) -> list[tuple[Row, bool]]:
        """Rows with stale outputs, or of sources that this run has not found; whether it has."""
        query = (
            f"SELECT data, c.number IS NOT NULL OR {_UNKNOWN} AS found FROM rows r "
            "LEFT JOIN candidates c ON c.source = r.source "
            "WHERE stale OR NOT found ORDER BY r.source"
        )
        return [(json.loads(data), bool(found)) for data, found in self._db.execute(query)]

    # -- what the rows have in common -------------------------------------------------------

    def task(self, kind: str, what: str, command: str, dataset: str, source: str) -> None:
        """Count a task that is done once, however many files need it."""
        self._db.execute(
            "INSERT INTO tasks VALUES (?, ?, ?, 1, ?, ?) "
            "ON CONFLICT (what, command) DO UPDATE SET files = files + 1",
            (what, command, kind, source, dataset),
        )

    def tasks(self) -> Iterator[tuple[str, str, str, int, str, str]]:
        """Kind, what, command, number of files, the first of them, the dataset."""
        yield from self._each(
            "SELECT kind, what, command, files, example, dataset FROM tasks "
            "ORDER BY kind, what, dataset, command"
        )

    def todo(self, script: str, part: int, campaigns: Sequence[str], dataset: str) -> None:
        """Enter a step that is done once, of whatever campaigns it is.

        script   as JSON
        part     number of its section
        dataset  that it defines, or reads; '' for neither
        """
        self._db.execute(
            "INSERT OR IGNORE INTO todo (script, part, dataset) VALUES (?, ?, ?)",
            (script, part, dataset),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO whose SELECT number, ? FROM todo WHERE script = ?",
            [(campaign, script) for campaign in campaigns],
        )

    def todos(self, defined: int, read: int, optional: int) -> Iterator[tuple[int, list[str], str]]:
        """Part, campaigns and script of each step, by part.

        What is of part `defined`, of a dataset that no step of part `read` has, is `optional`.
        """
        for number, part, script in self._db.execute(
            "SELECT number, CASE WHEN part = ? AND dataset <> '' AND dataset NOT IN "
            "(SELECT dataset FROM todo WHERE part = ?) THEN ? ELSE part END AS place, script "
            "FROM todo ORDER BY place, number",
            (defined, read, optional),
        ):
            whose = self._db.execute(
                "SELECT campaign FROM whose WHERE number = ? ORDER BY rowid", (number,)
            )
            yield part, [campaign for (campaign,) in whose], script

    def paged(self, row: Row, page: str) -> None:
        """Enter what the pages about findings and stages say of a row, and its own page."""
        source, error = row["source"], row.get("error")
        if error:
            self._db.execute(
                "INSERT OR REPLACE INTO findings VALUES (?, ?, 1, 0)", (error["code"], source)
            )
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?)", (source, page))
        self._db.executemany(
            "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?)",
            [(c, source, f["count"], f["waived"]) for c, f in row["findings"].items()],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO stages VALUES (?, ?, ?)",
            [(s["name"], source, s["verdict"]) for p in row["projects"] for s in p["stages"]],
        )

    def page(self, source: str) -> str:
        found = self._db.execute("SELECT path FROM pages WHERE source = ?", (source,)).fetchone()
        return str(found[0]) if found else ""

    def findings(self, code: str) -> Iterator[tuple[str, int, int]]:
        """The files with that code: how often, and how often accepted."""
        yield from self._each(
            "SELECT source, count, waived FROM findings WHERE code = ? ORDER BY source", (code,)
        )

    def stages(self) -> Iterator[tuple[str, int, str, dict[str, int]]]:
        """Each name: in how many files, the first of them, and how many stages of each verdict.

        The commonest come first.
        """
        for name, files, first in self._db.execute(
            "SELECT name, count(*), min(source) FROM stages GROUP BY name ORDER BY 2 DESC, name"
        ):
            counts = self._db.execute(
                "SELECT verdict, count(*) FROM stages WHERE name = ? GROUP BY verdict", (name,)
            )
            yield name, files, first, dict(counts.fetchall())

    def name(self, experiment: str, name: str, source: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", (experiment, name, source))

    def namesakes(self) -> Iterator[tuple[str, str, int, str]]:
        """Experiment, campaign, number of files, the first of them; where it is not only one."""
        yield from self._each(
            "SELECT experiment, name, count(*), min(source) FROM names "
            "GROUP BY experiment, name HAVING count(*) > 1"
        )

    # -- families ---------------------------------------------------------------------------

    def made(self, source: str, number: int, data: bytes) -> None:
        """Keep a campaign that is not written yet."""
        self._db.execute("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", (source, number, data))

    def taken(self, source: str, number: int) -> bytes | None:
        """The campaign that was kept."""
        found = self._db.execute(
            "SELECT data FROM made WHERE source = ? AND number = ?", (source, number)
        ).fetchone()
        return bytes(found[0]) if found else None

    def enter(self, kin: str, source: str, number: int, name: str, key: str, print_: str) -> None:
        """Enter a campaign of a file, with what it has in common with others.

        key, print_  of the file, and what its family was made of the last time
        """
        values = (kin, source, number, name, key, print_)
        self._db.execute("INSERT INTO kin VALUES (?, ?, ?, ?, ?, ?)", values)

    def kin(self) -> Iterator[str]:
        """What campaigns have in common, each once."""
        last = ""
        while found := self._db.execute(
            "SELECT min(kin) FROM kin WHERE kin > ?", (last,)
        ).fetchone()[0]:
            yield found
            last = found

    def kindred(self, kin: str) -> list[tuple[str, int, str, str, str]]:
        """Source, number in it, name, key and print of each campaign of that kin, in order."""
        query = "SELECT source, number, name, key, print FROM kin WHERE kin = ?"
        return self._db.execute(query + " ORDER BY source, number", (kin,)).fetchall()

    def launched(self, source: str, number: int, data: bytes) -> None:
        """Keep what a campaign of a file is launched with, until its report tells it."""
        self._db.execute("INSERT OR REPLACE INTO launched VALUES (?, ?, ?)", (source, number, data))

    def all_launched(self) -> Iterator[tuple[str, list[bytes]]]:
        """What was kept, by source, in the order of the campaigns."""
        found = self._each("SELECT source, data FROM launched ORDER BY source, number")
        for source, some in groupby(found, key=itemgetter(0)):
            yield source, [data for _, data in some]

    def member(self, family: str, source: str, campaign: str, overrides: int, facts: str) -> None:
        """Enter a campaign of a family; facts about the family come with one of them."""
        values = (family, source, campaign, overrides, facts)
        self._db.execute("INSERT INTO members VALUES (?, ?, ?, ?, ?)", values)

    def members(self) -> Iterator[tuple[str, str, str, int, str]]:
        """What was entered, by families and sources."""
        yield from self._each("SELECT * FROM members ORDER BY family, source, campaign")

    def row(self, source: str) -> Row:
        (data,) = self._db.execute("SELECT data FROM rows WHERE source = ?", (source,)).fetchone()
        row: Row = json.loads(data)
        return row

    def has(self, source: str) -> bool:
        """Whether this run has found the source."""
        return self._has("SELECT 1 FROM candidates WHERE source = ?", source)

    def candidate(self, source: str) -> Candidate:
        (number,) = self._db.execute(
            "SELECT number FROM candidates WHERE source = ?", (source,)
        ).fetchone()
        found = next(self.candidates(number - 1))[0]
        return found

    def find_orphans(self) -> None:
        """Enter the outputs of rows of which this run has not found the source."""
        query = (
            "SELECT data FROM rows r WHERE source NOT IN (SELECT source FROM candidates) "
            f"AND NOT ({_UNKNOWN})"
        )
        for (data,) in self._db.execute(query):
            row = json.loads(data)
            owned = {**row["stale"], **row["outputs"]}
            self._db.executemany("INSERT OR REPLACE INTO orphans VALUES (?, ?)", owned.items())
        self._orphans = self._has("SELECT 1 FROM orphans WHERE path > ?", "")

    def orphans(self, stem: str) -> dict[str, str]:
        """Those whose path begins so, with their checksums."""
        if not self._orphans:
            return {}
        query = "SELECT path, checksum FROM orphans WHERE path >= ? AND path < ?"
        return dict(self._db.execute(query, (stem, stem + "\U0010ffff")).fetchall())

    # -- outputs that no source makes any more --------------------------------------------

    def stale(self, path: str, source: str, known: str, reason: str) -> None:
        """Enter an output with the checksum that it was written with."""
        self._db.execute(
            "INSERT OR REPLACE INTO stale VALUES (?, ?, ?, ?)", (path, source, known, reason)
        )

    def not_stale(self, path: str) -> None:
        self._db.execute("DELETE FROM stale WHERE path = ?", (path,))

    def all_stale(self) -> list[tuple[str, str, str, str]]:
        """Path, source, checksum, reason."""
        return self._db.execute("SELECT * FROM stale ORDER BY path").fetchall()

    def _each(self, query: str, values: tuple[str, ...] = ()) -> Iterator[Any]:
        # `yield from` would close the cursor of a generator that is left, after the database.
        for row in self._db.execute(query, values):  # noqa: UP028
            yield row

    def _has(self, query: str, value: str) -> bool:
        return self._db.execute(query, (value,)).fetchone() is not None
