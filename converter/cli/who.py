"""Who accepts findings, or signs, and what they say: never nothing."""

from __future__ import annotations

import getpass

import click

from converter.errors import UsageError
from converter.files import called, shown
from converter.text import says_something

__all__ = ["WHO", "pattern", "said"]


def said(typed: str) -> str:
    """Words that are recorded.  Raises click.BadParameter where they say nothing."""
    return _checked(shown(typed))


def pattern(typed: str) -> str:
    """A glob of paths that is recorded, where none at all would mean every path."""
    return _checked(called(typed))


def _checked(text: str) -> str:
    if not says_something(text):
        raise click.BadParameter("it says nothing")
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise UsageError("X2P901", "this user has no name", "give yours with --who") from None


WHO = click.option(
    "--who",
    metavar="NAME",
    type=said,
    default=_user,
    help="Who says so; default: your user name.",
)
