"""The role that a project's jobs have: Production or Analysis.

project.py takes `<role>`, else `$ROLE`, else Production where the account that runs it is the
experiment's production account, EXPpro, and Analysis for anybody else (get_role of larbatch's
larbatch_utilities.py).  Who runs it does not stand in the file, but the file names the places
that this account writes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from converter.model import Project, Value
from converter.profiles import Profile

__all__ = ["ANALYSIS", "NO_SIGN", "PRODUCTION", "ROLES", "Decision", "decide"]

PRODUCTION, ANALYSIS = "Production", "Analysis"

ROLES = (PRODUCTION, ANALYSIS)
"""The roles that POMS knows."""

NO_SIGN = "no sign of a production account"

_WRITTEN = ("workdir", "bookdir", "logdir", "outdir")
"""Directories that the account itself writes to, the one where project.py works first."""


class Decision(Struct, frozen=True):
    """A role, and why.

    because  the kind of reason, the same for many files
    sign     what stands in the file, '' where the reason does not; `value`: the setting
    against  what in the file speaks for the other role, '' where nothing does; `contrary`: where
    """

    role: str
    because: str
    sign: str = ""
    value: Value[str] | None = None
    against: str = ""
    contrary: Value[str] | None = None


class _Sign(Struct, frozen=True):
    role: str
    because: str
    text: str
    value: Value[str] | None


def decide(project: Project, profile: Profile) -> Decision:
    """The role of a project, from the best of: who converts, the file's own signs, Analysis.

    Who converts says it with --role or in the profile.  Signs, best first:

    1. `<role>`, and `--role` in a `<jobsub>`.
    2. The owner of the directories that are written to: of workdir, bookdir, logdir, outdir.
       A directory is EXPpro's if a folder of exactly that name is in its path, or, below
       `users`, if the user is EXPpro: `/pnfs/dune/scratch/users/jdoe/dunepro` is jdoe's.
       One directory of EXPpro is enough, since nobody else can write there.
    3. Where no directory is a user's: jobs accounted to production (`--subgroup=prod`, or an
       AccountingGroup), then an entity that stands for EXPpro, unless it only names input.

    What is only read tells nothing: inputs, fcl files, scripts, a local release of EXPpro's.
    """
    signs = list(_signs(project, {*profile.accounts, profile.account}))
    best = signs[0] if signs else None
    role = best.role if best is not None else ANALYSIS
    if profile.role:
        other = next((sign for sign in signs if sign.role != profile.role), None)
        against = other if role != profile.role else None
        return _decision(_Sign(profile.role, profile.role_from, "", None), against)
    if best is None:
        return Decision(ANALYSIS, NO_SIGN)
    return _decision(best, next((sign for sign in signs if sign.role != role), None))


def _decision(sign: _Sign, other: _Sign | None) -> Decision:
    return Decision(
        sign.role,
        sign.because,
        sign.text,
        sign.value,
        other.text if other is not None else "",
        other.value if other is not None else None,
    )


def _signs(project: Project, accounts: set[str]) -> Iterator[_Sign]:
    """All signs, best first."""
    word = project.role.value.strip()
    if word:
        yield _Sign(_known(word), "<role>", f"<role> {word}", project.role)
    for stage in project.reachable:
        given = re.findall(r"(?:^|\s)--role[= ]\s*(\S+)", stage.jobsub.value)
        if given:
            because = "--role in <jobsub>"
            yield _Sign(_known(given[-1]), because, f"--role={given[-1]} in <jobsub>", stage.jobsub)
    personal = []
    seen = set()
    for tag in _WRITTEN:
        for stage in project.reachable:
            value: Value[str] = getattr(stage, tag)
            if value.origin is None:
                continue  # It is what another one says.
            owner = _owner(value.value, accounts)
            if owner in accounts and owner not in seen:
                seen.add(owner)
                text = f"<{_tag(value, tag)}> {value.value.strip()} is an area of {owner}"
                yield _Sign(PRODUCTION, f"writes to an area of {owner}", text, value)
            elif owner and owner not in accounts:
                text = f"<{_tag(value, tag)}> {value.value.strip()} is an area of {owner}"
                personal.append(_Sign(ANALYSIS, "writes to a user's area", text, value))
    yield from personal[:1]
    yield from _accounting(project)
    yield from _entities(project, accounts)


def _known(word: str) -> str:
    return PRODUCTION if word.capitalize() == PRODUCTION else ANALYSIS


def _tag(value: Value[str], tag: str) -> str:
    """The tag that a directory was given with: logdir may be what <outdir> says."""
    if value.origin is None:
        return tag
    return value.origin.path.rpartition("/")[2].partition("[")[0]


def _owner(path: str, accounts: set[str]) -> str:
    """Whose area a path lies in, '' where it does not say."""
    folders = [folder for folder in path.strip().split("/") if folder]
    if "users" in folders[:-1]:
        return folders[folders.index("users") + 1]
    return next((folder for folder in folders if folder in accounts), "")


def _accounting(project: Project) -> Iterator[_Sign]:
    """Jobs that count as the experiment's production for the batch system."""
    group = r"AccountingGroup\s*=\s*\\*\"?group_\w+\.prod\b"
    for stage in project.reachable:
        for value in (stage.jobsub, stage.lines):
            found = re.search(rf"--subgroup[= ]\s*prod(?:uction)?\b|{group}", value.value)
            if found:
                text = f"{found[0]} in <{_tag(value, 'jobsub')}>"
                yield _Sign(PRODUCTION, "--subgroup=prod", text, value)
                return


def _entities(project: Project, accounts: set[str]) -> Iterator[_Sign]:
    """An entity that stands for the account, and for more than where input comes from."""
    inputs = {
        name
        for stage in project.reachable
        for value in (stage.input.value, stage.basedef)
        for name in value.text.names
    }
    for name, text in project.entities.items():
        owner = text.string.strip()
        if owner in accounts and name not in inputs:
            because = f"an entity names {owner}"
            yield _Sign(PRODUCTION, because, f"the entity &{name}; is {owner}", None)
