"""What each experiment adds to project.py, as data, and telling whose file one has."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from converter.errors import UsageError
from converter.profiles.sizes import FileSize
from converter.reading import read_text

__all__ = [
    "EXPERIMENTS",
    "METADATA",
    "RECOVERIES",
    "Profile",
    "Sign",
    "contrary",
    "conventions",
    "guess",
    "named",
    "profile",
    "unknown",
]

RECOVERIES = ("consumed_status", "process_status", "added_files", "pending_files")
"""Recovery types that POMS knows; one that it does not know makes it drop all of them."""

METADATA = ("dune", "uboone", "sbn", "lariat", "none")
"""Kinds of metadata blocks."""

_OTHER = "other"
"""The profile of an experiment without one of its own: the conventions of larbatch."""


def _experiments() -> tuple[str, ...]:
    files = map(os.path.splitext, os.listdir(_HERE))
    return tuple(sorted(name for name, ending in files if ending == ".cfg" and name != _OTHER))


_HERE = os.path.dirname(__file__)

EXPERIMENTS = _experiments()
"""The experiments with a profile of their own, a .cfg beside this module."""


class Profile(Struct, frozen=True):
    """An experiment's facts.

    product      ups product where the XML names none; `product_then` from `product_since` on
    setup        script that makes ups products available
    metadata     which metadata block the wrapper fcl gets: dune, uboone, sbn, lariat, none
    dropbox      where `<copy>1` puts files, with {filetype} and {tier}; '' where not known
    dimensions   SAM dimensions of a stage's output, with fields in braces; '' where not known
    host, account, analysis_host, analysis_account
                 where POMS logs in to launch, for production and for analysis
    login        shell line before a launch: what makes fife_launch available
    project_py_login  the same for project.py as launcher; '' for the set-up script and larbatch
    sam_experiment, sam_station
                 the SAM instance of the experiment's files, where another experiment's is used too
    accounts     names of the experiment's production accounts, former ones too
    role         Production or Analysis, whatever the XML says; '' to go by the XML
    role_from    who says so
    campaign_name, job_type
                 names in POMS, as templates; without one a campaign is called like its project,
                 in a migration of many files like its file, and job types are the experiment's
    completion_type, completion_pct
                 "auto": located where files are declared, else complete; percent of jobs
    recoveries, recovery_memory
                 POMS's recovery types, in order, +memory for those tried with that many MB
    containers   <os> alias, in small letters → image
    paths        beginning of a path → what stands there today
    gone         beginning of a path in an area that is no more → where such areas are today
    file_sizes   pattern of a dataset's name → the size of its files, for <targetsize>
    env_pass, submit  further keys of these sections
    """

    experiment: str
    product: str
    setup: str
    metadata: str
    dropbox: str
    dimensions: str
    host: str
    account: str
    analysis_host: str
    analysis_account: str
    login: str
    product_since: str = ""
    product_then: str = ""
    metadata_extractor: str = "sam_metadata_dumper"
    project_py_login: str = ""
    sam_experiment: str = ""
    sam_station: str = ""
    accounts: tuple[str, ...] = ()
    role: str = ""
    role_from: str = ""
    campaign_name: str = ""
    job_type: str = "{launcher}_{kind}"
    completion_type: str = "auto"
    completion_pct: float = 95.0
    recoveries: str = "consumed_status, consumed_status+memory"
    recovery_memory: int = 8000
    containers: Mapping[str, str] = {}
    paths: Mapping[str, str] = {}
    gone: Mapping[str, str] = {}
    file_sizes: Mapping[str, FileSize] = {}
    env_pass: Mapping[str, str] = {}
    submit: Mapping[str, str] = {}

    @property
    def sam(self) -> str:
        """The SAM instance."""
        return self.sam_experiment or self.experiment

    @property
    def station(self) -> str:
        """The SAM station."""
        return self.sam_station or self.sam

    @property
    def samweb(self) -> str:
        """How samweb is called, by somebody who works for the experiment."""
        return f"samweb -e {self.sam}" if self.sam != self.experiment else "samweb"

    def product_of(self, release: str) -> str:
        """The product that the release belongs to."""
        if self.product_since and _version(release) >= _version(self.product_since):
            return self.product_then
        return self.product


def _version(release: str) -> tuple[int, ...]:
    match = re.match(r"v(\d+(?:_\d+)*)", release)
    return tuple(int(n) for n in match.group(1).split("_")) if match else ()


@cache
def _facts(name: str) -> Mapping[str, str]:
    """What stands in a file beside this module: `name = value` on each line, or a comment."""
    text = read_text(os.path.join(_HERE, f"{name}.cfg"))
    lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in lines}


@cache
def profile(experiment: str) -> Profile:
    """The facts about an experiment.  Raises UsageError where nothing is known about it."""
    if experiment not in EXPERIMENTS:
        raise unknown(experiment)
    return _filled(experiment, experiment)


@cache
def conventions(experiment: str) -> Profile:
    """What holds for an experiment that is not known: to be corrected by a profile of its own."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", experiment):
        raise unknown(experiment)
    return _filled(experiment, "other")


def unknown(experiment: str) -> UsageError:
    """The error that there is no such experiment."""
    near = difflib.get_close_matches(experiment.lower(), _names(), 1, 0.6)
    hint = f"did you mean {_names()[near[0]]}? " if near else ""
    return UsageError(
        "X2P901",
        f"nothing is known about an experiment {experiment!r}",
        f"{hint}known: {', '.join(EXPERIMENTS)}; for another one give --profile FILE that defines "
        "it: experiment = NAME, and what else stands in `xml2poms profile dune`",
    )


def _filled(experiment: str, kind: str) -> Profile:
    facts = _facts(kind)
    fields: dict[str, Any] = {
        key: str(value).replace("{experiment}", experiment)
        for key, value in facts.items()
        if key not in ("signs", "gone")
    }
    names = [sign.strip().format(experiment=experiment) for sign in str(facts["signs"]).split(",")]
    accounts = tuple(f"{name}pro" for name in names if name)
    gone = (
        pair.split("=")
        for pair in str(facts["gone"]).replace("{experiment}", experiment).split(",")
        if "=" in pair
    )
    moved = {old.strip(): new.strip() for old, new in gone}
    return Profile(experiment=experiment, accounts=accounts, gone=moved, **fields)


@cache
def _names() -> dict[str, str]:
    """Every name that an experiment goes or went by."""
    return {
        sign.strip(): experiment
        for experiment in EXPERIMENTS
        for sign in str(_facts(experiment)["signs"]).split(",")
        if sign.strip()
    }


@cache
def _products() -> dict[str, str]:
    """The experiments' products."""
    return {
        str(_facts(experiment)[key]): experiment
        for experiment in EXPERIMENTS
        for key in ("product", "product_then")
        if key in _facts(experiment)
    }


_PATHS = re.compile(
    r"/pnfs/([a-z0-9]+)/|/exp/([a-z0-9]+)/|/([a-z0-9]+)/(?:data\d*|app)/"
    r"|/cvmfs/([a-z0-9]+)\.(?:opensciencegrid|osgstorage)\.org"
)


def guess(groups: Iterable[str], texts: Iterable[str], products: Iterable[str]) -> str:
    """The experiment that a file belongs to, by the best signs that it has.

    groups    values of the legacy tag <group>
    texts     values in which paths may stand
    products  ups products

    Signs, best first: $EXPERIMENT, $SAM_EXPERIMENT; <group>; paths; products.  Raises
    UsageError where the best signs disagree, and where there are none.
    """
    names = _names()
    for variable in ("EXPERIMENT", "SAM_EXPERIMENT"):
        if os.environ.get(variable):
            return names.get(os.environ[variable], os.environ[variable])
    # No path goes over the end of a line.
    paths = [match[match.lastindex or 0] for match in _PATHS.finditer("\n".join(texts))]
    known_products = _products()
    for what, signs in (
        ("<group>", [names.get(g.strip(), g.strip()) for g in groups]),
        ("the paths", [names[n] for n in paths if n in names]),
        ("the products", [known_products[p] for p in products if p in known_products]),
    ):
        found = Counter(signs)
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise UsageError(
                "X2P902",
                f"cannot determine the experiment: {what} name {', '.join(sorted(found))}",
                f"give one: --experiment {found.most_common(1)[0][0]}",
            )
    raise UsageError(
        "X2P902",
        "cannot determine the experiment: nothing in the file tells",
        f"give it: --experiment {' | '.join(EXPERIMENTS)} | NAME",
    )


def named(word: str) -> str:
    """The experiment of that name, or of a former one."""
    return _names().get(word, word)


class Sign(Struct, frozen=True):
    """Something in a file that tells an experiment; `place` counts from 0 in what was given."""

    experiment: str
    text: str
    place: int


def contrary(
    experiment: str, groups: Iterable[str], texts: Sequence[str], products: Iterable[str]
) -> list[Sign]:
    """The signs that tell another experiment, in order, each text once.

    groups, products  as they are; texts: all values of the file, to which `place` points
    """
    names, known_products = _names(), _products()
    others = {n for n in names if names[n] != experiment}
    words = {g.strip() for g in groups if names.get(g.strip(), g.strip()) != experiment}
    words |= {p for p in products if known_products.get(p, experiment) != experiment}
    if not words and not any(
        match[match.lastindex or 0] in others for match in _PATHS.finditer("\n".join(texts))
    ):
        return []
    found: dict[str, Sign] = {}
    for place, text in enumerate(texts):
        word = text.strip()
        if word in words:
            found.setdefault(word, Sign(known_products.get(word, named(word)), word, place))
        for match in _PATHS.finditer(text):
            name = match[match.lastindex or 0]
            if name in others:
                found.setdefault(match[0], Sign(names[name], match[0], place))
    return list(found.values())
