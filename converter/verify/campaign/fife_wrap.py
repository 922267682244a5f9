"""What fife_wrap does in a job, given its words (libexec/fife_wrap of fife-utils)."""

from __future__ import annotations

import contextlib
import optparse
import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NoReturn
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from converter.errors import CfgError
from converter.shell import Event, Files, NotFollowedError, Shell, World
from converter.verify.art import art_file, art_words, is_art
from converter.verify.campaign.fife_launch import BOOLEAN, KNOWN
from converter.verify.node import node
from converter.verify.plan import NO_SHARE
from converter.verify.submission import TAR, TAR_FILE

__all__ = [
    "Group",
    "Job",
    "JobRun",
    "Ran",
    "options_of",
]


_STEPS_OF_ART = 15
"""A run of an art executable is compared in ten fields."""


class Ran(Struct, frozen=True):
    """An art executable that has run.

    options  option → value, '' for a flag; `other` words in order
    fcl      lines of the file after -c: its own text, or an include where it is no file here
    reads    names of its input files; of a file of an earlier executable "output of substage K"
    makes    names of the files that it leaves
    """

    program: str
    options: Mapping[str, str]
    other: tuple[str, ...]
    fcl: tuple[str, ...]
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    streams: tuple[tuple[str, str], ...]


class Group(Struct, frozen=True):
    """A group of output files: patterns, where they go, and what SAM is told."""

    patterns: tuple[str, ...]
    dest: str
    files: tuple[str, ...]
    rename: tuple[str, ...]
    declared: bool
    extractor: str
    location: bool
    dataset: str
    options: tuple[str, ...]
    """Further settings, as NAME=VALUE."""


class JobRun(Struct):
    """What one job has done.

    timeline    sources, hooks and executables, in order
    programs    their places among the events
    status      of the executables
    steps       that the scripts took
    to_the_end  whether they were followed as far as they go
    """

    setup: list[Event] = []
    changed: dict[str, str] = {}
    consumer: dict[str, str] = {}
    ran: list[Ran] = []
    events: list[Event] = []
    programs: list[int] = []
    groups: list[Group] = []
    options: dict[str, str] = {}
    at_hand: tuple[str, ...] = ()
    """Names of the files in the folder of the first executable, when it starts."""
    variables: dict[str, list[str]] = {}
    """Folder of a tarball → the names of the variables that hold it, when executables start."""
    status: int = 0
    steps: int = 0
    to_the_end: bool = True

    def copy(self) -> JobRun:
        """One that goes its own way."""
        own = {name: [*getattr(self, name)] for name in ("ran", "events", "programs", "groups")}
        return replace(self, **own, options=dict(self.options))

    @property
    def timeline(self) -> list[str]:
        """Hooks and executables as short lines."""
        return self.timeline_to(len(self.events))

    def timeline_to(self, end: int) -> list[str]:
        """Of the events before a place."""
        lines = []
        number = 0
        for event in self.events[:end]:
            if event.kind == "program":
                lines.append(f"substage {number}")
                number += 1
            elif event.kind in ("run", "source"):
                name = posixpath.basename(event.words[0])
                lines.append(" ".join((event.kind, name, *event.words[1:])))
            elif event.kind == "shell":
                lines.append(f"not followed: {event.words[0]}")
        return lines


class _Parser(optparse.OptionParser):
    def error(self, msg: str) -> NoReturn:
        raise CfgError("X2P835", f"fife_wrap stops in the job: {msg}", "correct the option")


@cache
def _parser() -> _Parser:
    parser = _Parser(add_help_option=False)
    outputs = {
        *("dest", "dest_uniq_rename", "rename", "addoutput", "declare_metadata", "add_metadata"),
        *("metadata_extractor", "metadata_extractor_unquote", "add_to_dataset"),
        *("filter_metadata", "dataset_exclude", "add_location", "outputlist", "hash", "hash_alg"),
        "parallel",
    }
    single = {
        *("quals", "vers", "config", "limit", "schema", "appname", "appfamily", "appvers"),
        *("cvmfs-revision", "self_destruct_timer", "self-destruct-timer", "start_project_on"),
        *("dest", "metadata_extractor", "metadata_extractor_unquote", "add_to_dataset", "hash"),
        *("hash_alg", "parallel"),
    }
    short = {
        **{"quals": "-q", "vers": "-v", "config": "-c", "exe": "-X", "getconfig": "-g"},
        **{"multifile": "-M", "with_gdb": "-G", "limit": "-L", "schema": "-S"},
        **{"inputfile": "-I", "inputtar": "-T"},
    }

    def add(name: str, suffix: str) -> None:
        spellings = [f"--{name}{suffix}"]
        if name in short:
            spellings.insert(0, short[name])
        dest = (name + suffix).replace("-", "_")
        if name in BOOLEAN and name != "config":
            parser.add_option(*spellings, dest=dest, action="store_true", default=False)
        else:
            action = "store" if name in single else "append"
            parser.add_option(*spellings, dest=dest, action=action, default=None)

    for name in sorted(KNOWN):
        for number in range(30 if name in outputs else 1):
            add(name, str(number) if number else "")
    for number in range(30):
        for stream in ("exe_stdout", "exe_stderr"):
            parser.add_option(f"--{stream}{number}", dest=f"{stream}{number}")
    return parser


def options_of(words: Sequence[str]) -> tuple[Any, list[list[str]]]:
    """fife_wrap's options, and the arguments of each executable.

    Raises CfgError where fife_wrap would stop.
    """
    # No option has a default, at which optparse would look one by one.
    values = optparse.Values()
    vars(values).update(_parser().defaults)
    options, rest = _parser().parse_args(list(words), values)
    arguments: list[list[str]] = [[]]
    for word in rest:
        if word == "--":
            arguments.append([])
        else:
            arguments[-1].append(word)
    names = options.exe or []
    if names and len(arguments) < len(names):
        raise CfgError(
            "X2P835",
            f"{len(names)} executables and {len(arguments)} lists of arguments",
            "see that no argument is a lone --",
        )
    for name in ("limit", "hash"):
        value = getattr(options, name)
        if value is not None and not re.fullmatch(r"[+-]?\d+", value):
            _parser().error(f"--{name}: {value!r} is not an integer")
    return options, arguments


class Job:
    """A job, given fife_wrap's words, its environment, and the files that it begins with.

    most   steps of each way through it
    steps  that were followed of the ways on which something fails

    Raises CfgError where fife_wrap would stop.
    """

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], files: Files, most: int
    ) -> None:
        self._options, self._arguments = options_of(words)
        self._environment, self._files, self._most = environment, files, most
        self.steps = 0
        self._begun = self._begin(None)
        """Up to the first executable, which is the same for all that fail later."""

    def run(self) -> JobRun:
        """Follow the job from its first line to its last."""
        return self._begun.fork(None).rest()

    def failing(self, number: int) -> JobRun:
        """The same where a hook or executable fails: its number among JobRun.programs."""
        if number < len(self._begun.done.programs):
            done = self._begin(number).rest()
        else:
            done = self._begun.fork(number).rest()
            # Of what is begun nothing is followed again.
            done.steps -= self._begun.world.steps
        self.steps += done.steps
        return done

    def _begin(self, fails: int | None) -> _Run:
        world = node(self._files.copy(), self._most)
        run = _Run(world, dict(self._environment), self._options, self._arguments, fails)
        run.begin()
        return run


class _Run:
    """One way through a job."""

    def __init__(
        self,
        world: World,
        environment: dict[str, str],
        options: Any,
        arguments: list[list[str]],
        fails: int | None,
    ) -> None:
        self.world, self.environment = world, environment
        self.options, self.arguments, self.fails = options, arguments, fails
        self.done = JobRun()
        self.made: dict[str, int] = {}
        """Path of a file that an executable left → the executable's number."""
        self.fetched: dict[str, str] = {}
        """Path of a file that was fetched → where it came from."""
        self.setting_up = False
        world.program = self._event

    def fork(self, fails: int | None) -> _Run:
        """Another way from here on."""
        other = _Run(self.world.fork(), dict(self.environment), self.options, self.arguments, fails)
        other.made, other.fetched = dict(self.made), dict(self.fetched)
        other.done = self.done.copy()
        return other

    def begin(self) -> None:
        """Everything before the first executable."""
        options = self.options
        self._fetch_inputs()
        self._set_up()
        if options.ifdh_art or options.multifile or options.getconfig:
            self.done.consumer = {
                name: getattr(options, name) or default
                for name, default in (
                    *(("appfamily", "demo"), ("appname", "demo"), ("appvers", "1")),
                    *(("limit", "0"), ("schema", "")),
                )
            }
            self.environment["SAM_CONSUMER_ID"] = "PROCESS_ID"
        self._shell(_texts(options, "prescript"))
        for name, value in sorted(self.environment.items()):
            if name.startswith((TAR, TAR_FILE)):
                folder = posixpath.dirname(value) if name.startswith(TAR_FILE) else value
                self.done.variables.setdefault(folder, []).append(name)

    def rest(self) -> JobRun:
        """What comes then."""
        options, done = self.options, self.done
        done.status = self._executables()
        if done.status == 0:
            self._shell(list(options.userscript or []))
            self._shell(_texts(options, "postscript"))
            self._copy_back()
        last = _texts(options, "finally")
        if last:
            self._shell(last)
            done.groups = []
            self._copy_back()
        for name in ("multifile", "getconfig", "find_setups", "setup_local", "data_dispatcher"):
            if getattr(options, name):
                done.options[name] = "yes"
        for name in ("inputfile", "inputtar", "inputlist", "mix", "self_destruct_timer"):
            value = getattr(options, name)
            if value:
                done.options[name] = " ".join(value) if isinstance(value, list) else value
        done.steps, done.to_the_end = self.world.steps, not self.world.spent
        return done

    # -- phases -----------------------------------------------------------------------------

    def _fetch_inputs(self) -> None:
        for name in [*(self.options.inputfile or []), *(self.options.inputtar or [])]:
            with contextlib.suppress(FileNotFoundError, NotFollowedError):
                self.world.files.write(posixpath.basename(name), None)
                self.fetched[self.world.files.path(posixpath.basename(name))] = name

    def _set_up(self) -> None:
        options = self.options
        lines = [f"export {e}" for e in _texts(options, "export")]
        lines += [f"source {s}" for s in _texts(options, "source")]
        lines += [f"setup {s}" for s in _texts(options, "setup")]
        lines += [f"spack load {s}" for s in _texts(options, "spack_load")]
        before = dict(self.environment)
        self.setting_up = True
        start = len(self.world.events)
        self._shell(lines)
        self.setting_up = False
        self.done.setup = self.world.events[start:]
        self.done.changed = {
            name: value for name, value in self.environment.items() if before.get(name) != value
        }

    def _shell(self, lines: Sequence[str]) -> None:
        """One bash that reads all of the lines; what it exports stays."""
        if not lines:
            return
        shell = Shell(self.world, self.environment)
        cwd = self.world.files.cwd
        shell.exported = set(self.environment)
        shell.run("\n".join(lines) + "\n")
        # Where it leaves, the lines that would hand over the environment are never read.
        if shell.to_the_end:
            self.environment = {
                name: value for name, value in shell.variables.items() if name in shell.exported
            }
        self.world.files.cwd = cwd

    def _executables(self) -> int:
        options, arguments = self.options, self.arguments
        for number, name in enumerate(options.exe or []):
            words = [name]
            if number == 0 and options.ifdh_art:
                words += ["--sam-web-uri=PROJECT_URL", "--sam-process-id=PROCESS_ID"]
            words += arguments[number]
            for stream, sign in (("exe_stderr", "2>"), ("exe_stdout", ">")):
                target = getattr(options, f"{stream}{number}")
                if target:
                    words.append(sign + target)
            shell = Shell(self.world, self.environment)
            status = shell.run(" ".join(words))
            if status:
                return status
        return 0

    def _copy_back(self) -> None:
        files = self.world.files
        gone: set[str] = set()
        for number in range(30):
            suffix = str(number) if number else ""

            def value(name: str, suffix: str = suffix) -> Any:
                return getattr(self.options, name + suffix)

            if not value("dest") or not value("addoutput"):
                continue
            try:
                found = [n for pattern in value("addoutput") for n in files.matching(pattern)]
            except NotFollowedError as error:
                self.done.options["output is not followed"] = str(error)
                return
            there = [name for name in found if name not in gone]
            times = Counter(there)
            doubtful = [n for n in there if times[n] > 1 or files.is_folder(n)]
            if doubtful:
                # ifdh refuses a file that comes twice, and a folder: fife_wrap ends there.
                self.done.options["output is lost"] = f"{doubtful[0]} comes twice, or is a folder"
                self.done.status = 1
                return
            gone |= set(there)
            extractor = value("metadata_extractor") or ""
            if value("metadata_extractor_unquote"):
                extractor = unquote(value("metadata_extractor_unquote"))
            self.done.groups.append(
                Group(
                    tuple(value("addoutput")),
                    value("dest"),
                    tuple(dict.fromkeys(there)),
                    tuple(value("rename") or ()),
                    bool(value("declare_metadata") or extractor),
                    extractor,
                    bool(value("add_location")),
                    value("add_to_dataset") or "",
                    tuple(self._further(value)),
                )
            )

    def _further(self, value: Any) -> list[str]:
        found = []
        for name in ("add_metadata", "filter_metadata", "dataset_exclude", "outputlist"):
            found += [f"{name}={text}" for text in value(name) or []]
        for name in ("hash", "hash_alg", "parallel"):
            if value(name):
                found.append(f"{name}={value(name)}")
        if value("dest_uniq_rename"):
            found.append("dest_uniq_rename")
        return found

    # -- programs ---------------------------------------------------------------------------

    def _event(self, event: Event) -> int:
        """A program that the scripts run: its status."""
        if self.setting_up:
            return 0
        done = self.done
        if event.kind == "fetch":
            self.fetched[event.words[1]] = event.words[0]
        elif event.kind in ("run", "source"):
            executable = event.kind == "run" and is_art(event.words)
            if executable:
                event = Event("program", event.words, event.streams)
            done.programs.append(len(done.events))
            if self.fails == len(done.programs) - 1:
                done.events.append(event)
                return 1
            if executable:
                self._lar(event)
        done.events.append(event)
        return 0

    def _lar(self, event: Event) -> None:
        self.world.spend(_STEPS_OF_ART)
        program, *words = event.words
        options, other = art_words(words)
        files = self.world.files
        number = len(self.done.ran)
        if not self.done.ran:
            self.done.at_hand = tuple(files.names())
        made = []
        fcl, named = self._fcl(options.get("-c", ""))
        for name in (options.get("-o") or art_file(fcl, number), options.get("-T")):
            if name:
                try:
                    files.write(name, None)
                    made.append(name)
                except FileNotFoundError:
                    continue
                self.made[files.path(name)] = number
        if options.get("-T") in made:
            # The metadata of a file of histograms stands beside it.
            with contextlib.suppress(FileNotFoundError):
                files.write(options["-T"] + ".json", None)
        self.done.ran.append(
            Ran(
                program,
                options,
                tuple(other),
                fcl,
                (*self._inputs(options), *named),
                tuple(made),
                event.streams,
            )
        )

    def _fcl(self, name: str) -> tuple[tuple[str, ...], list[str]]:
        """The lines of a configuration, and the files that it reads."""
        files = self.world.files
        text = files.read(name) if name and files.is_file(name) else None
        if text is None:
            return (f'#include "{name}"',), []
        lines, named = [], []
        for line in (line.strip() for line in text.splitlines()):
            match = re.fullmatch(r'(physics\..*InputFileName:) *"(.*)"', line)
            if match:
                named.append(self.origin(match[2]))
                line = f'{match[1]} "{named[-1]}"'
            if line:
                lines.append(line)
        return tuple(lines), named

    def _inputs(self, options: Mapping[str, str]) -> list[str]:
        files = self.world.files
        names = [options["-s"]] if options.get("-s") else []
        if options.get("-S"):
            try:
                names += (files.read(options["-S"]) or "").split("\n")[:-1]
            except FileNotFoundError:
                return [NO_SHARE]
        return [self.origin(name) for name in names]

    def origin(self, name: str) -> str:
        """Where an input file comes from."""
        path = self.world.files.path(name)
        if path in self.made:
            return f"output of substage {self.made[path]}"
        return self.fetched.get(path, name)


def _texts(options: Any, name: str) -> list[str]:
    """An option's values, those that travelled quoted included."""
    return [
        *(getattr(options, name) or []),
        *map(unquote, getattr(options, f"{name}_unquote") or []),
    ]
