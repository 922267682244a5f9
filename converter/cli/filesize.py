"""The option that tells how large the files of the input are."""

from __future__ import annotations

import os

import click

from converter.profiles.sizes import FileSize, size_in
from converter.reading import read_text

__all__ = ["FILE_SIZE"]


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> FileSize | None:
    """What the option says: a size, or a file with what samweb prints."""
    if value is None:
        return None
    try:
        return size_in(read_text(value) if os.path.isfile(value) else value)
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{value}: {error}", ctx, param) from None


FILE_SIZE = click.option(
    "--file-size",
    callback=_size,
    metavar="SIZE|FILE",
    help="Mean size of a file of the input, such as 250MB, or a file with the output of `samweb "
    "list-files --summary`: number of jobs by <targetsize>. In a profile: [file_sizes].",
)
