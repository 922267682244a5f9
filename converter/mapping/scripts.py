"""Hooks: the scripts that run before, between and after the executables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from converter.findings.fates import Fate
from converter.mapping.context import Line, StageContext, in_script, line
from converter.model import Value
from converter.poms.config import Slot
from converter.poms.escape import is_command, is_executable_word, script_word
from converter.text import Text

__all__ = [
    "after",
    "before",
    "between",
    "is_shell",
    "odd_words",
    "script_words",
    "source",
    "submitscript",
]


_Words = Value[tuple[str, ...]]


def before(ctx: StageContext) -> list[Line]:
    """Script lines before the first executable: init scripts, then init sources."""
    lines = [_run(ctx, script) for script in _named(ctx, ctx.stage.initscript)]
    return lines + [source(ctx, script) for script in ctx.stage.initsource]


def between(ctx: StageContext, scripts: Sequence[_Words]) -> list[Line]:
    """Script lines after a substage."""
    return [_run(ctx, script) for script in scripts]


def after(ctx: StageContext) -> list[Line]:
    """Script lines after the last substage: end scripts, then the finalization scripts.

    project.py runs the latter only where it validates in the job.
    """
    lines = [_run(ctx, script) for script in ctx.stage.endscript]
    for script in ctx.stage.endscript:
        keys = (in_script(script),)
        ctx.finding(Fate.DERIVED, "X2P705", script, keys=keys, script=_shown(script))
    for script in _named(ctx, ctx.stage.finscript):
        if ctx.stage.check.value == 1:
            lines.append(_run(ctx, script))
            keys = (in_script(script),)
            ctx.finding(Fate.DERIVED, "X2P701", script, keys=keys, script=_shown(script))
        else:
            ctx.finding(Fate.INERT, "X2P702", script, script=_shown(script))
    return lines


def source(ctx: StageContext, script: Value[str]) -> Line:
    """A line that sources a script; only an `exit` in it ends the job."""
    (name,) = script_words([_called(ctx, script, ctx.outside(script))])
    return line(". " + name, script)


def _named(ctx: StageContext, scripts: Sequence[_Words]) -> list[_Words]:
    """Those that have a name: at one of blanks alone project.py's submission fails."""
    for script in scripts:
        if not script:
            ctx.finding(Fate.INVALID, "X2P707", script)
    return [script for script in scripts if script]


def _run(ctx: StageContext, script: _Words) -> Line:
    """A line that runs a script and ends the job with its status if it fails."""
    words = ctx.words(script)
    name = _called(ctx, script, words[0])
    return line(Text.join(" ", script_words([name, *words[1:]], command=True)) + " || exit", script)


def _called(ctx: StageContext, script: Value[Any], path: Text) -> Text:
    """How the job calls a script: one given by path comes along, others are on its PATH."""
    ctx.copies_shipped = True
    value = script.value
    words = (value,) if isinstance(value, str) else value
    keys: tuple[Slot, ...] = (in_script(script),)
    name = path
    if "/" in path.string:
        keys = (ctx.ship("dropbox://" + path), *keys)
        name = "./" + path.basename()
    if odd_words(words):
        fate = Fate.DERIVED if is_shell(" ".join(words)) else Fate.INVALID
        ctx.finding(fate, "X2P706", script, keys=keys, script=" ".join(words))
    elif name is not path:
        ctx.derived(script, *keys)
    else:
        ctx.finding(Fate.DERIVED, "X2P703", script, keys=keys, script=name.string)
    return name


def _shown(script: _Words) -> str:
    return " ".join(script.value)


def odd_words(words: Sequence[str]) -> bool:
    """Whether a shell would find more in the words than names and variables."""
    return not is_command(words[0]) or any(not is_executable_word(word) for word in words)


def is_shell(words: str) -> bool:
    """Whether a shell takes the words for arguments: quotes match, nothing ends a command."""
    # jobsub_lite takes away one backslash before project.py's job sees what it stands before.
    if words.count("`") % 2 or re.search(r"\\`|(^|\s)#|\$\{(?!\w+\})", words):
        return False
    tokens = shlex.shlex(words, posix=True, punctuation_chars=True)
    tokens.whitespace_split = True
    tokens.commenters = ""
    try:
        return not any(set(token) <= set("();<>|&") for token in tokens if token)
    except ValueError:
        return False


def script_words(words: Sequence[Text], *, command: bool = False) -> list[Text]:
    """Words of the job's script: as they are, where its shell takes them as that of project.py's
    job does; literally, where that one would find the end of a command in them.

    command  whether the first one is the name of a program
    """
    plain = is_shell(" ".join(word.string for word in words))
    found = list(words) if plain else [script_word(word) for word in words]
    if command and not is_command(words[0].string):
        found[0] = script_word(words[0], command=True)
    return found


def submitscript(ctx: StageContext) -> None:
    """A command before the launch; its failure no longer stops the launch."""
    script = ctx.stage.submitscript
    if script:
        words = [
            word if shlex.quote(word.string) == word.string else Text(shlex.quote(word.string))
            for word in ctx.words(script)
        ]
        key = ctx.set("prelaunch", "script", Text.join(" ", words), script)
        ctx.finding(Fate.DERIVED, "X2P704", script, keys=(key,), script=" ".join(script.value))
