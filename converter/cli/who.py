"""The option that names who accepts findings, or signs."""

from __future__ import annotations

import getpass

import click

from converter.errors import UsageError
from converter.files import shown

__all__ = ["WHO"]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("X2P901", "this user has no name", "give yours with --who") from None


WHO = click.option(
    "--who",
    metavar="NAME",
    type=shown,
    default=_user,
    help="Who says so; default: your user name.",
)
