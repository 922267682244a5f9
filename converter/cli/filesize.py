"""The option that tells how large the files of the input are."""

from __future__ import annotations

from pathlib import Path

import click

from converter.profiles.sizes import FileSize, size_in

__all__ = ["FILE_SIZE"]


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> FileSize | None:
    """What the option says: a size, or a file with what samweb prints."""
    if value is None:
        return None
    is_file = Path(value).is_file()
    try:
        return size_in(Path(value).read_text(encoding="utf-8") if is_file else value)
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{value}: {error}", ctx, param) from None


FILE_SIZE = click.option(
    "--file-size",
    callback=_size,
    metavar="SIZE|FILE",
    help="Mean size of a file of the input, such as 250MB, or a file with the output of `samweb "
    "list-files --summary`: number of jobs by <targetsize>. In a profile: [file_sizes].",
)
