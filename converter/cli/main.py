"""The commands, and what happens to errors."""

from __future__ import annotations

import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from converter.cli.convert import convert
from converter.cli.explain import explain
from converter.cli.profile import profile
from converter.cli.verify import verify
from converter.errors import CfgError, ConversionError, OutputError, UsageError, XmlError

__all__ = ["main"]

EXIT_FINDINGS, EXIT_USAGE, EXIT_INPUT, EXIT_OUTPUT, EXIT_INTERNAL = 1, 2, 3, 4, 70
EXIT_INTERRUPTED = 130

_EPILOG = """\b
Exit codes: 0 done; 1 findings at or above --fail-on, or a difference
(--diff, verify); 2 usage; 3 input unusable; 4 output refused; 70 internal error;
130 interrupted."""


class _DefaultCommand(click.Group):
    """A group of which `convert` is the command when none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next((a for a in args if a == "-" or not a.startswith("-")), None)
        known = first in self.commands
        if args and not known and args[0] not in ("--help", "-h", "--version"):
            args = ["convert", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_DefaultCommand,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(metadata.version("xml2poms"), prog_name="xml2poms")
def cli() -> None:
    """Convert project.py XML files into POMS/fife_launch campaigns.

    \b
    The main job, for which the command's name can be left out:
      xml2poms project.xml -o campaign.cfg
    """


cli.add_command(convert)
cli.add_command(explain)
cli.add_command(profile)
cli.add_command(verify)


def main(args: list[str] | None = None) -> None:
    """Run a command and exit with the code that says how it went."""
    try:
        result: Any = cli.main(args=args, prog_name="xml2poms", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("xml2poms: interrupted", err=True)
        sys.exit(EXIT_INTERRUPTED)
    except ConversionError as error:
        click.echo(f"xml2poms: {error}", err=True)
        click.echo(f"  -> {error.advice}", err=True)
        sys.exit(_code_of(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_OUTPUT)
    except Exception:
        _internal_error()
        sys.exit(EXIT_INTERNAL)


def _code_of(error: ConversionError) -> int:
    if isinstance(error, (XmlError, CfgError)):
        return EXIT_INPUT
    if isinstance(error, OutputError):
        return EXIT_OUTPUT
    assert isinstance(error, UsageError)
    return EXIT_USAGE


def _internal_error() -> None:
    """A defect of this program: keep what is needed to report it, show no traceback."""
    text = "".join(
        [
            f"xml2poms {metadata.version('xml2poms')}, Python {sys.version}\n",
            f"command: {' '.join(sys.argv)}\n",
            traceback.format_exc(),
        ]
    )
    click.echo("xml2poms: an internal error, nothing was written [X2P999]", err=True)
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="xml2poms-error-", suffix=".txt", delete=False
        ) as file:
            file.write(text)
        click.echo(f"  -> report it with the XML and {Path(file.name)}", err=True)
    except OSError:
        click.echo(text, err=True)
