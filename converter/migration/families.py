"""The families of a migration: each is written as a template, a table and a .ini a campaign.

A campaign that is nobody's kin gets its own .cfg and .ini, as without families.  The outputs are
those of the files' rows, a family's own those of its first campaign's, so that what is recorded,
left over or somebody's is told as for any other output.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from statistics import median
from typing import IO, Any, NamedTuple

import msgspec

from converter.errors import ConversionError, OutputError
from converter.families.factoring import Family, factor
from converter.families.grouping import Rule, differences, family_name, parts
from converter.families.member import Member
from converter.families.proof import launches_the_same
from converter.families.table import write_table
from converter.families.writing import CFG, INI, TABLE, template_cfg, template_ini
from converter.files import keep_defect
from converter.migration.manifest import FORMAT
from converter.migration.memberreport import Launched, told
from converter.migration.names import FAMILIES
from converter.migration.row import ErrorRow, MadeRow, ProjectRow, Row, output
from converter.migration.store import Store
from converter.migration.summary import Families
from converter.migration.tree import Tree, checksum
from converter.migration.work import Made, Worker, unpacked
from converter.pasted import file_word
from converter.poms.document import parse
from converter.poms.ini import read_ini, write_ini
from converter.report.todo import located

__all__ = ["listed", "make", "write_families"]

_NEAR = 50
"""A campaign on its own is compared with so many families."""

_SHOWN = 5


class _Entry(NamedTuple):
    """A campaign: the file, its number in that, its name, the file's key, and the last print."""

    source: str
    number: int
    name: str
    key: str
    print: str


class _Loaded(NamedTuple):
    """A campaign as it is by itself, and the paths that its files would have then."""

    entry: _Entry
    files: tuple[str, ...]
    member: Member


class _Together(NamedTuple):
    family: Family
    loaded: Sequence[_Loaded]

    def others(self) -> list[_Entry]:
        """Those that the template would not launch as they are launched by themselves."""
        template = self.family.template
        return [
            one.entry
            for one, row in zip(self.loaded, self.family.rows)
            if not launches_the_same(one.member, template, row)
        ]


def enter(store: Store, rule: Rule) -> None:
    """Find out who is whose kin."""
    for row in store.rows():
        if not store.has(row["source"]):
            continue
        for number, project in enumerate(row.get("projects", ())):
            if "kin" in project:
                label = rule.label(row["source"])
                own = project["kin"] or f"{row['source']} {number}"
                kin = f"{label} {own}"
                last = project.get("print", "")
                store.enter(kin, row["source"], number, project["campaign"], row["key"], last)


def make(store: Store, tree: Tree, worker: Worker, rule: Rule) -> None:
    """Write the families that are not there as they should be, and record them in the rows."""
    enter(store, rule)
    maker = _Maker(store, tree, worker, rule)
    for kin in store.kin():
        maker.kin(kin, [_Entry(*values) for values in store.kindred(kin)])
    maker.tell()


class _Maker:
    def __init__(self, store: Store, tree: Tree, worker: Worker, rule: Rule) -> None:
        self.store, self.tree, self.worker, self.rule = store, tree, worker, rule

    def kin(self, kin: str, entries: Sequence[_Entry]) -> None:
        """Write the families of all that are kin, unless they are there."""
        divides = self.rule.divides(self.rule.label(entries[0].source))
        told = [self.worker.fingerprint, self.rule.by_directory, divides]
        text = json.dumps([*told, *([e.source, e.number, e.name, e.key] for e in entries)])
        print_ = hashlib.sha256(text.encode()).hexdigest()
        if all(entry.print == print_ for entry in entries):
            return
        try:
            self._all(kin, entries, print_, divides=divides)
        except (OSError, ConversionError):
            raise
        except Exception:
            # A defect of this program: the other families are made all the same.
            kept = keep_defect(f"campaigns: {', '.join(entry.name for entry in entries[:_NEAR])}")
            advice = f"report it with {kept}; without --families they are converted"
            error = ConversionError("X2P999", "an internal error", advice)
            for entry in entries:
                self.store.put(_failed(self.store.row(entry.source), error))

    def _all(self, kin: str, entries: Sequence[_Entry], print_: str, *, divides: bool) -> None:
        whole: list[_Together] = []

        def variables() -> int:
            whole.append(self._together(kin, "", entries))
            return len(whole[0].family.columns) - 1

        def folder(entry: _Entry) -> str:
            return entry.source.rpartition("/")[0] if divides else ""

        for place, part in parts(entries, folder, variables, self.rule):
            names = Counter(entry.name for entry in part)
            several = [entry for entry in part if names[entry.name] == 1]
            alone = [entry for entry in part if entry not in several]
            while len(several) > 1:
                ready = whole if several == entries else []
                together = ready[0] if ready else self._together(kin, place, several)
                others = together.others()
                if not others:
                    self._write(together, print_)
                    break
                alone += others
                several = [entry for entry in several if entry not in others]
            for entry in alone + (several if len(several) == 1 else []):
                self._write_alone(entry, print_)

    def _together(self, kin: str, place: str, entries: Sequence[_Entry]) -> _Together:
        loaded = self._loaded(entries)
        members = [one.member for one in loaded]
        ini = members[0].ini
        stages = [stage.name for stage in ini.stages]
        name = family_name(ini.experiment, [one.name for one in members], stages, kin + place)
        return _Together(factor(members, name), loaded)

    def _loaded(self, entries: Iterable[_Entry]) -> list[_Loaded]:
        """The campaigns as they are by themselves; a file that has gone meanwhile has none."""
        found = []
        pool: dict[str, str] = {}
        for entry in entries:
            made = self._made(entry)
            if made is None:
                continue
            member = made.member(entry.source)
            for values in (*member.cfg.sections.values(), member.scripts):
                # Most texts are in all of them: once each in memory.
                for key, text in values.items():
                    values[key] = pool.setdefault(text, text)  # type: ignore[index]
            found.append(_Loaded(entry, tuple(made.files), member))
        return found

    def _made(self, entry: _Entry) -> Made | None:
        data = self.store.taken(entry.source, entry.number)
        if data is not None:
            return unpacked(data)
        try:
            made = self.worker.made(self.store.candidate(entry.source))
        except ConversionError:
            return None
        for number, one in enumerate(made):
            self.store.made(entry.source, number, one.packed())
        return made[entry.number]

    # -- writing ----------------------------------------------------------------------------

    def _write_alone(self, entry: _Entry, print_: str) -> None:
        made = self._made(entry)
        if made is not None:
            record: MadeRow = {"files": list(made.files), "print": print_}
            launched = Launched(entry.number, *_alone([*made.files]))
            if self._put(entry, [*made.files], made.files, record, {}):
                self._launched(entry, launched)

    def _write(self, together: _Together, print_: str) -> None:
        """The template and its table first, then the campaigns."""
        family, loaded = together
        template = family.template
        name = template.name
        stem = f"{FAMILIES}/{name}/{name}"
        first = loaded[0]
        made = self._made(first.entry)
        assert made is not None
        first_cfg = next(iter(made.files.values()))
        comments = self.worker.settings.comments
        xml = first.entry.source.rpartition("/")[2]
        own = {
            f"{stem}{CFG}": template_cfg(family, first_cfg, xml, comments=comments),
            **{f"{FAMILIES}/{name}/{one}": text for one, text in family.scripts.items()},
            f"{stem}{INI}": template_ini(template),
            f"{stem}{TABLE}": write_table(family.columns, family.rows),
        }
        keys = sum(map(len, template.cfg.sections.values()))
        facts = {
            "columns": family.columns,
            "stages": [stage.name for stage in template.ini.stages],
            "keys": keys,
        }
        scripts = [f"{FAMILIES}/{name}/{one}" for one in family.scripts]
        heading = [f"A campaign of the family {name}."] if comments else []
        # The template's files were those of the campaign that was the first before.
        owned: dict[str, str] = {}
        for one in loaded:
            row = self.store.row(one.entry.source)
            both = {**row["stale"], **row["outputs"]}
            owned.update((path, both[path]) for path in own if path in both)
        for one, values in zip(loaded, family.rows):
            ini = template.campaign(values)
            path = f"{FAMILIES}/{name}/{one.files[-1].rpartition('/')[2]}"
            texts = {path: write_ini(ini, heading)}
            record: MadeRow = {
                "files": [f"{stem}{CFG}", *scripts, path],
                "print": print_,
                "family": name,
                "overrides": len(ini.overrides),
                "equal": checksum(msgspec.json.encode(_content(one.member))),
            }
            if one is first:
                texts = {**own, **texts}
                record["template"] = facts
            cfg = " ".join([f"{stem}{CFG}", *map(shlex.quote, template.by_hand(values))])
            names = [path.rpartition("/")[2] for path in one.files]
            files = record["files"]
            launched = Launched(one.entry.number, names, files, files, cfg, name)
            if self._put(one.entry, one.files, texts, record, owned):
                self._launched(one.entry, launched)

    def _put(
        self,
        entry: _Entry,
        files: Sequence[str],
        texts: Mapping[str, str],
        record: MadeRow,
        others: Mapping[str, str],
    ) -> bool:
        """Put a campaign's files in place, and what is known of it into its file's row; if it can.

        files   the paths of its own files
        others  what other campaigns had of these files, with checksums
        """
        row = self.store.row(entry.source)
        project = row["projects"][entry.number]
        names = [path.rpartition("/")[2] for path in files]
        places = dict(zip(names, record["files"]))
        places.update(zip(project.get("files", ()), record["files"]))
        owned = {**row["stale"], **row["outputs"]}
        before = project.get("outputs", ())
        for key in ("files", "print", "family", "overrides", "equal", "template", "outputs"):
            project.pop(key, None)  # type: ignore[misc]
        try:
            sums = self._written(entry.source, texts, {**others, **owned})
        except OutputError as error:
            self.store.put(_failed(row, error))
            return False
        outputs = {path: known for path, known in row["outputs"].items() if path not in before}
        left = {path: known for path, known in owned.items() if path in before}
        row["outputs"] = {**outputs, **sums}
        row["stale"] = {p: s for p, s in {**row["stale"], **left}.items() if p not in sums}
        made_now: MadeRow = {**record, "outputs": list(texts)}
        project.update(made_now)  # type: ignore[typeddict-item]
        # What is uploaded is the template, once, and this campaign.
        row["todo"] = [(who, located(script, places)) for who, script in row["todo"]]
        self.store.put(row)
        return True

    def _launched(self, entry: _Entry, launched: Launched) -> None:
        self.store.launched(entry.source, entry.number, msgspec.json.encode(launched))

    def tell(self) -> None:
        """Let the reports tell what the campaigns are launched with: once for all of a file."""
        for source, some in self.store.all_launched():
            row = self.store.row(source)
            launched = [msgspec.json.decode(data, type=Launched) for data in some]
            try:
                sums = self._written(source, self._reports(row, launched), row["outputs"])
            except OutputError as error:
                self.store.put(_failed(row, error))
                continue
            row["outputs"].update(sums)
            self.store.put(row)

    def _reports(self, row: Row, launched: Sequence[Launched]) -> dict[str, str]:
        """The report of a file, and its page, as they are with what that is launched with."""
        report, page = output(row, ".json"), output(row, ".html")
        data = self.tree.read(report) if report and self.worker.settings.write else None
        if data is None:
            return {}
        there = (self.tree.read(page) if page else None) or b""
        texts = told(launched, data, there, "../" * page.count("/"))
        return {path: text for path, text in zip((report, page), texts) if path and text}

    def _written(
        self, source: str, texts: Mapping[str, str], owned: Mapping[str, str]
    ) -> dict[str, str]:
        settings = self.worker.settings
        outputs = {path: text.encode() for path, text in texts.items()}
        ours = {path: (owned.get(path), self.store.orphans(path).get(path)) for path in outputs}
        changed = self.tree.changed(outputs, ours, source, settings.replace)
        if settings.write:
            for path, data in changed.items():
                self.tree.put(path, data)
        return {path: checksum(data) for path, data in outputs.items()}


def _content(member: Member) -> list[Any]:
    """What it launches, however its family is made."""
    return [member.cfg.sections, member.ini, *member.scripts.items()]


def _alone(files: Sequence[str]) -> tuple[Sequence[str], Sequence[str], Sequence[str], str]:
    """The names, paths and names in steps of a campaign by itself, and its .cfg."""
    names = [path.rpartition("/")[2] for path in files]
    return names, files, names, next((file_word(one) for one in files if one.endswith(CFG)), "")


def _failed(row: Row, error: ConversionError) -> Row:
    facts = ErrorRow(code=error.code, line=None, message=error.message, advice=error.advice)
    return {**row, "status": "failed", "verdict": "", "error": facts, "key": ""}


# -- the list -------------------------------------------------------------------------------


def write_families(store: Store, tree: Tree, version: str, file: IO[str]) -> Families:
    """Write `families.json`: the families with their campaigns, then the campaigns alone."""
    counts = Families()
    near = _Nearest(tree)
    head = json.dumps({"format": FORMAT, "tool": {"name": "xml2poms", "version": version}})
    file.write(f'{head[:-1]},\n"families": [')
    _enter_members(store)
    for number, found in enumerate(listed(store)):
        near.add(found)
        counts.families += 1
        counts.campaigns += len(found["campaigns"])
        counts.columns += len(found["columns"]) - 1
        counts.overrides += sum(one["overrides"] for one in found["campaigns"])
        file.write(("," if number else "") + "\n" + json.dumps(found, ensure_ascii=False))
    file.write('\n],\n"alone": [')
    for row, project in _projects(store):
        first = next(p for p in row["projects"] if p["campaign"] == project["campaign"])
        if "files" in project and "family" not in project and project is first:
            found = {"campaign": project["campaign"], "source": row["source"]}
            found.update(near.of(project))
            text = json.dumps(found, ensure_ascii=False)
            file.write(("," if counts.alone else "") + "\n" + text)
            counts.alone += 1
    file.write("\n]}\n")
    return counts


def _projects(store: Store) -> Iterator[tuple[Row, ProjectRow]]:
    for row in store.rows():
        for project in row.get("projects", ()):
            yield row, project


def _enter_members(store: Store) -> None:
    for row, project in _projects(store):
        if "family" in project:
            template = json.dumps(project.get("template", {}))
            store.member(project["family"], row["source"], project["campaign"],
                         project["overrides"], template)  # fmt: skip


def listed(store: Store) -> Iterator[dict[str, Any]]:
    """Each family, by its name, as `families.json` has it."""
    for name, some in groupby(store.members(), key=lambda one: one[0]):
        members = list(some)
        facts: dict[str, Any] = next(filter(None, (json.loads(text) for *_, text in members)), {})
        yield {
            "name": name,
            "columns": facts.get("columns", []),
            "stages": facts.get("stages", []),
            "keys": facts.get("keys", 0),
            "median_overrides": median([overrides for *_, overrides, _ in members]),
            "campaigns": [
                {"campaign": campaign, "source": source, "overrides": overrides}
                for _, source, campaign, overrides, _ in members
            ],
        }


class _Nearest:
    """The family that a campaign on its own is nearest to, and in what it differs."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.known: dict[tuple[str, ...], list[tuple[str, Member, list[str]]]] = {}

    def add(self, family: Mapping[str, Any]) -> None:
        name = family["name"]
        member = self._read(f"{FAMILIES}/{name}/{name}{CFG}", f"{FAMILIES}/{name}/{name}{INI}")
        near = self.known.setdefault(tuple(family["stages"]), [])
        if member is not None and len(near) < _NEAR:
            near.append((name, member, family["columns"]))

    def of(self, project: ProjectRow) -> dict[str, Any]:
        if not project["kin"]:
            return {"nearest": "", "differs": ["it has not one .cfg and one .ini"]}
        member = self._read(project["files"][0], project["files"][-1])
        if member is None:
            return {}
        stages = tuple(stage.name for stage in member.ini.stages)
        found = [
            (differences(member, one, columns), name)
            for name, one, columns in self.known.get(stages, ())
        ]
        if not found:
            return {"nearest": "", "differs": ["no family has its stages"]}
        differs, name = min(found, key=lambda one: (len(one[0]), one[1]))
        shown = differs[:_SHOWN] or ["the number of words of a command, or the flow"]
        return {"nearest": name, "differs": [*shown, *(["…"] if differs[_SHOWN:] else [])]}

    def _read(self, cfg: str, ini: str) -> Member | None:
        texts = [self.tree.read(path) for path in (cfg, ini)]
        if None in texts:
            return None
        first, second = (str(text, "utf-8") for text in texts if text is not None)
        return Member("", "", parse(first), read_ini(second))
