"""The commands, and what happens to errors."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from importlib import import_module
from typing import Any, NoReturn, TextIO

import click

from converter import interrupts
from converter.cli.hints import misspelt
from converter.cli.streams import standard_streams
from converter.errors import (
    CfgError,
    ConversionError,
    OutputError,
    TableError,
    UsageError,
    XmlError,
)
from converter.text import one_line, visible

__all__ = ["run"]

EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT, EXIT_INTERNAL = 0, 1, 2, 3, 4, 70
EXIT_HUNG_UP, EXIT_INTERRUPTED, EXIT_TERMINATED = 129, 130, 143

_NOT_WRITTEN = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF, errno.EROFS, errno.EAGAIN),
)
"""What the system says of a standard output that takes no more."""

EXIT_CODES = {
    EXIT_DONE: "done",
    EXIT_FINDINGS: "findings at or above --fail-on, or a difference (--diff, verify)",
    EXIT_USAGE: "usage: the command line is wrong or incomplete",
    EXIT_INPUT: "input unusable",
    EXIT_OUTPUT: "output refused: it exists and differs, or cannot be written",
    EXIT_INTERNAL: "internal error; a file with what is needed to report it is named",
    EXIT_HUNG_UP: "ended by SIGHUP",
    EXIT_INTERRUPTED: "interrupted",
    EXIT_TERMINATED: "ended by SIGTERM",
}
"""How a command can end, and what that means."""

_EPILOG = f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in EXIT_CODES.items())}."

_COMMANDS = {
    "audit": ("converter.cli.migrate", "audit_command"),
    "campaigns": ("converter.cli.campaigns", "campaigns"),
    "convert": ("converter.cli.convert", "convert"),
    "explain": ("converter.cli.explain", "explain"),
    "migrate": ("converter.cli.migrate", "migrate_command"),
    "profile": ("converter.cli.profile", "profile"),
    "review": ("converter.cli.review", "review"),
    "verify": ("converter.cli.verify", "verify"),
}
"""Each command, in a module that is imported only when it is used."""

_ALONE = ("--help", "-h", "--version")
"""Options that are given without a command."""


class _Commands(click.Group):
    """The commands; `convert` is meant when none is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            # As click does since 8.2; before, it counted as done.
            click.echo(ctx.get_help(), err=True)
            ctx.exit(EXIT_USAGE)
        first = next((a for a in args if a == "-" or not a.startswith("-")), None)
        if first in _COMMANDS or not args or args[0] in _ALONE:
            return super().parse_args(ctx, args)
        self._check(ctx, args[0], first)
        return super().parse_args(ctx, ["convert", *args])

    def _check(self, ctx: click.Context, start: str, first: str | None) -> None:
        """Raise an error for a misspelt command, or option that stands alone."""
        if first is None and misspelt(start, _ALONE):
            raise click.NoSuchOption(start, possibilities=[misspelt(start, _ALONE)], ctx=ctx)
        if first is None or os.path.exists(first) or {".", "/"} & set(first):
            return
        meant = misspelt(first, _COMMANDS)
        if meant:
            raise UsageError(
                "X2P901", f"{first} is no file and no command", f"did you mean {meant}?"
            )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Whoever reads has seen enough: no failure, as click would have it.
            _discard(sys.stdout)
            return 0


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(package_name="xml2poms", prog_name="xml2poms")
def cli() -> None:
    """Convert project.py XML files into POMS/fife_launch campaigns.

    \b
    The main job, for which the command's name can be left out:
      xml2poms project.xml -o campaign.cfg
    """


def run(args: list[str] | None) -> NoReturn:
    """Run a command and exit with the code that says how it went."""
    with standard_streams():
        _run(args)


def _run(args: list[str] | None) -> NoReturn:
    try:
        result: Any = cli.main(args=args, prog_name="xml2poms", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(result if isinstance(result, int) else EXIT_DONE)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _tell(visible(said.getvalue().rstrip("\n")))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _tell("xml2poms: interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except ConversionError as error:
        _tell(one_line(f"xml2poms: {error}"), one_line(f"  -> {error.advice}"))
        sys.exit(_code_of(error))
    except BrokenPipeError:
        # The last words, which nobody reads any more.
        _discard(sys.stdout)
        sys.exit(0)
    except OSError as error:
        if not _is_somewhere():
            _tell("xml2poms: the current directory is not there any more", "  -> cd to another one")
            sys.exit(EXIT_USAGE)
        if error.errno not in _NOT_WRITTEN or error.filename is not None:
            _internal_error()
            sys.exit(EXIT_INTERNAL)
        _tell(f"xml2poms: standard output cannot be written: {error.strerror}")
        _discard(sys.stdout)
        sys.exit(EXIT_OUTPUT)
    except interrupts.Ended as ended:
        _tell("xml2poms: interrupted")
        sys.exit(ended.code)
    except MemoryError:
        _tell(
            "xml2poms: there is not enough memory",
            "  -> raise the limit (ulimit -v), or let fewer processes work (-j 1)",
        )
        sys.exit(EXIT_INTERNAL)
    except Exception:
        _internal_error()
        sys.exit(EXIT_INTERNAL)


def _is_somewhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _tell(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)


def _discard(stream: TextIO) -> None:
    """Let what could not be written be forgotten, which Python would try once more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _code_of(error: ConversionError) -> int:
    if isinstance(error, (XmlError, CfgError, TableError)):
        return EXIT_INPUT
    if isinstance(error, OutputError):
        return EXIT_OUTPUT
    assert isinstance(error, UsageError)
    return EXIT_USAGE


def _internal_error() -> None:
    """A defect of this program: keep what is needed to report it, show no traceback."""
    from converter.files import keep_defect

    kept = keep_defect(f"command: {' '.join(sys.argv)}")
    _tell(
        "xml2poms: an internal error, nothing was written [X2P999]",
        f"  -> report it with the XML and {kept}",
    )
