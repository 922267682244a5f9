"""Scripts that are long: files of their own, beside the campaign.cfg and sent with the jobs.

In the campaign.cfg a script is numbered key by key; one that is longer than a screen is better
read, checked with shellcheck and compared in a file.  Where a stage has more than MOST lines of a
kind, the program that the job writes and runs becomes a file, if that is enough; else the longest
piece of them, then the next one, until it is: the program, or what stands before or after it, of
what all stages share, what some of them share, or what the stage has alone.  A file knows no
macros: the campaign.cfg exports those that it uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from converter.poms.config import Entry, Key, Slot, StageConfig
from converter.poms.escape import beside_cfg, heredoc_line
from converter.poms.names import apart
from converter.poms.series import divided, shared_traits
from converter.text import Text, one_line

__all__ = ["MOST", "Script", "heredoc", "in_files"]

MOST = 40
"""Lines that a stage has in the campaign.cfg, of prescripts and of postscripts.

Of the 3,944 stages of 878 real files 14 have more than that; the longest has 65.
"""

_LONGEST = 60
"""Characters of a file's name after that of the campaign.cfg; file systems take 255 in all."""

_EXPORTS = 4
"""Variables on one line, and lines of them at most."""

_Line = tuple[Text, tuple[Slot, ...]]
_Piece = tuple[int, int, int]
"""Entries of a stage: in which of its groups, and there the first and the one after the last."""


class Script(Struct):
    """A script in a file.

    name       the file's
    lines      of the script
    variables  that the campaign.cfg exports for it
    stages     that use it, by their names in the campaign.cfg
    """

    name: str
    lines: tuple[str, ...]
    variables: tuple[str, ...]
    stages: list[str]

    @property
    def heading(self) -> int:
        """Lines of comments on top."""
        return 3 if self.variables else 2

    def text(self, cfg: str) -> str:
        """The text of the file, which goes with the campaign.cfg of that name."""
        about = f"# For {', '.join(self.stages)} of {cfg}, which sends it with the jobs"
        lines = ["#!/bin/bash", one_line(f"{about}.")]
        if self.variables:
            exported = ", ".join(self.variables)
            lines[1:] = [
                one_line(f"{about}, and exports {exported}."),
                "# shellcheck disable=SC2154",
            ]
        return "".join(f"{line}\n" for line in (*lines, *self.lines))


def heredoc(command: str, lines: Sequence[_Line], *, expand: bool, after: str = "") -> Entry:
    """The entry that gives lines to a command as a here-document.

    expand  the shell of the job expands them; what must not expand is escaped already
    after   a line after it
    """
    end = "EOF"
    while any(text.string.strip() == end for text, _ in lines):
        end += "_"
    start = f"{command} <<{end}" if expand else f"{command} <<'{end}'"
    # A key without a value would be none; to fcl and shell an empty comment is the same.
    inside = [one if one[0] else (Text("#"), one[1]) for one in lines]
    last = [(Text(end), ()), *([(Text(after), ())] if after else [])]
    return Entry(((Text(start), ()), *inside, *last))


def in_files(
    stages: Sequence[StageConfig], cfg: str, avoid: Set[str] = frozenset()
) -> tuple[list[StageConfig], list[Script]]:
    """The stages without what is long, and the files that hold it: CFG's name, and whose it is.

    cfg    the name of the campaign.cfg
    avoid  names of other campaigns that lie in one place with it; see names.apart()
    """
    files = _Files(cfg, avoid)
    files.taken |= {name for stage in stages for name in _shipped(stage)}
    for stem in ("prescript", "postscript"):
        where = "job_setup", stem
        while any(_length(stage.series.get(where, ())) > MOST for stage in stages):
            stages = files.shortened(stages, where)
    return list(stages), list(files.scripts.values())


def _shipped(stage: StageConfig) -> Iterator[str]:
    """Names of scripts that go with a stage's jobs anyway, without their endings."""
    for entry in stage.series.get(("submit", "f"), ()):
        for text, _ in entry.lines:
            yield text.string.rpartition("/")[2].strip("'").removesuffix(".sh").casefold()


def _length(entries: Iterable[Entry]) -> int:
    return sum(len(entry.lines) for entry in entries)


class _Files:
    """The files that are made, by what is in them: the same script is one file."""

    def __init__(self, cfg: str, avoid: Set[str]) -> None:
        self.stem = re.sub(r"[^\w.+-]", "_", cfg.removesuffix(".cfg"), flags=re.ASCII)
        self.avoid = avoid
        self.taken: set[str] = set()
        self.scripts: dict[tuple[str, ...], Script] = {}

    def shortened(self, stages: Sequence[StageConfig], where: Key) -> list[StageConfig]:
        """The stages, those that are too long without the longest piece that they have."""
        given = [stage.series.get(where, []) for stage in stages]
        traits = shared_traits(stages)
        parts = divided(given, where, traits)
        pieces: list[set[_Piece]] = [set() for _ in stages]
        for n, groups in enumerate(parts):
            if _length(given[n]) > MOST:
                group, start, stop = _best(groups)
                is_own = group == len(groups) - 1
                for m, others in enumerate(parts):
                    if m == n or (others[group] and not is_own):
                        pieces[m].add((group, start, stop))
        whose = ["all" if stages[1:] else stages[0].name, *traits]
        return [
            self._without(stage, where, parts[n], pieces[n], [*whose, stage.name])
            for n, stage in enumerate(stages)
        ]

    def _name(self, whose: str) -> str:
        name = f"{self.stem}-{apart(self.stem, whose[:_LONGEST], self.avoid, self.taken)}"
        self.taken.add(name.casefold())
        return f"{name}.sh"

    def _without(
        self,
        stage: StageConfig,
        where: Key,
        groups: Sequence[list[Entry]],
        pieces: set[_Piece],
        whose: list[str],
    ) -> StageConfig:
        if not pieces:
            return stage
        stage = replace(stage, series=dict(stage.series), slots=dict(stage.slots))
        entries: list[Entry] = []
        for group, there in enumerate(groups):
            done = 0
            for piece in sorted(piece for piece in pieces if piece[0] == group):
                _, start, stop = piece
                entries += there[done:start]
                entries.append(self._moved(stage, where[1], there[start:stop], whose[group]))
                done = stop
            entries += there[done:]
        stage.series[where] = entries
        return stage

    def _moved(self, stage: StageConfig, stem: str, entries: list[Entry], whose: str) -> Entry:
        """What stands in the campaign.cfg for entries that are in a file."""
        texts = [text for entry in entries for text, _ in entry.lines]
        macros = {name: string for text in texts for string, name in text.parts if name is not None}
        program = _program(entries[0])
        if program:
            # Its first line is that of the file.
            lines = [(_code(text), slots) for text, slots in entries[0].lines[2:-1]]
            whose += "-" + program.removesuffix(".sh")
        else:
            lines = [line for entry in entries for line in _shell_lines(entry)]
            whose += "-post" if stem == "postscript" else ""
        key = (program, *(text for text, _ in lines))
        if key not in self.scripts:
            variables = tuple(map(_variable, macros))
            self.scripts[key] = Script(self._name(whose), key[1:], variables, [])
        script = self.scripts[key]
        script.stages.append(stage.name)
        _send(stage, script.name)
        for number, (_, slots) in enumerate(lines, script.heading + 1):
            for slot in slots:
                place = f"script:{script.name}", str(number)
                stage.slots[slot] = [*stage.slots.get(slot, ()), place]
        file = f"$CONDOR_DIR_INPUT/{script.name}"
        call = Text(f"cp {file} {program}" if program else f". {file}")
        return Entry(tuple((text, ()) for text in (*_exports(macros), call)))


def _send(stage: StageConfig, name: str) -> None:
    """Let a file beside the campaign.cfg go with a stage's jobs."""
    along = Entry(((beside_cfg(name), (Slot("file", name),)),))
    stage.series["submit", "f"] = [*stage.series.get(("submit", "f"), ()), along]


def _pieces(groups: Iterable[list[Entry]]) -> Iterator[_Piece]:
    """What can be a file: a program that the job writes, and what stands between those."""
    for group, entries in enumerate(groups):
        start = 0
        for place, entry in enumerate(entries):
            if _program(entry):
                if start < place:
                    yield group, start, place
                yield group, place, place + 1
                start = place + 1
        if start < len(entries):
            yield group, start, len(entries)


def _best(groups: Sequence[list[Entry]]) -> _Piece:
    """The piece that becomes a file, of a script that is too long."""
    enough = sum(map(_length, groups)) - MOST + _EXPORTS + 1

    def rank(piece: _Piece) -> tuple[bool, int]:
        group, start, stop = piece
        entries = groups[group][start:stop]
        length = _length(entries)
        return length >= enough and bool(_program(entries[0])), length

    return max(_pieces(groups), key=rank)


_PROGRAM = re.compile(r"cat > (\S+) <<'")
_START = re.compile(r"<<('?)(EOF_*)\1$")


def _program(entry: Entry) -> str:
    """The name of the program that an entry writes, if it does."""
    if len(entry.lines) < 2 or not entry.lines[1][0].string.startswith("#!"):
        return ""
    match = _PROGRAM.match(entry.lines[0][0].string)
    return match[1] if match else ""


def _shell_lines(entry: Entry) -> Iterator[tuple[str, tuple[Slot, ...]]]:
    """An entry's lines for a file, with variables in place of macros."""
    (first, slots), *rest = entry.lines
    start = _START.search(first.string)
    if start is None:
        yield from ((_code(text), slots) for text, slots in entry.lines)
        return
    literal = bool(start[1])
    expands = not literal or any(not text.is_plain for text, _ in rest)
    opening = _code(first)
    yield opening.replace(start[0], f"<<{start[2]}") if expands else opening, slots
    for text, slots in rest:
        protected = heredoc_line(text) if literal and expands else text
        yield "".join(_variable_of(m) if m else s for s, m in protected.parts), slots


def _code(text: Text) -> str:
    """A line of a script with variables in place of macros, whatever quotes they stand in."""
    quote = ""
    pieces = []
    for string, macro in text.parts:
        if macro is None:
            quote = _quote_after(string, quote)
            pieces.append(string)
        elif quote == "'":
            pieces.append(f"'\"{_variable_of(macro)}\"'")
        else:
            pieces.append(_variable_of(macro))
    return "".join(pieces)


def _quote_after(string: str, quote: str) -> str:
    """The quote that is open after the string, if it was open before it."""
    escaped = False
    for sign in string:
        if escaped:
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif sign in ("'", '"') and quote in ("", sign):
            quote = "" if quote else sign
    return quote


def _variable(macro: str) -> str:
    return f"cfg_{macro}"


def _variable_of(macro: str) -> str:
    return f"${{{_variable(macro)}}}"


def _exports(macros: dict[str, str]) -> Iterator[Text]:
    words = [f"{_variable(m)}='" + Text.named(m, string) + "'" for m, string in macros.items()]
    together = max(_EXPORTS, -(-len(words) // _EXPORTS))
    for start in range(0, len(words), together):
        yield "export " + Text.join(" ", words[start : start + together])
