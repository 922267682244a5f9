"""`xml2poms profile`: an experiment's facts as a file to edit."""

from __future__ import annotations

import click

from converter.profiles import profile as profile_of
from converter.profiles.user import write_profile

__all__ = ["profile"]


@click.command(short_help="Print a profile to start from.")
@click.argument("experiment", metavar="EXP")
def profile(experiment: str) -> int:
    """Print what is known about an experiment, as a commented file to edit.

    \b
    Example:
      xml2poms profile dune > dune.profile
      xml2poms project.xml -o campaign.cfg --profile dune.profile

    For an experiment that is not known, start from another one's profile: set `experiment`, and
    all the rest.
    """
    click.echo(write_profile(profile_of(experiment)), nl=False)
    return 0
