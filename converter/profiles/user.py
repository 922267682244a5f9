"""The user's own profile: a file on top of the experiment's facts, checked before it is used."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from converter.acceptance import UNCUT, config_lines, cut
from converter.errors import UsageError
from converter.poms.jobsub import OPTIONS
from converter.profiles import (
    EXPERIMENTS,
    METADATA,
    RECOVERIES,
    Profile,
    conventions,
    named,
    profile,
    unknown,
)
from converter.profiles.sizes import FileSize, size_in

if TYPE_CHECKING:
    from configobj import ConfigObj

__all__ = ["FREE", "KEYS", "Key", "experiment_in", "facts", "with_file", "write_profile"]


class Key(Struct, frozen=True):
    """A key of the file: its place, the field it sets, its check, and what to say about it."""

    section: str
    name: str
    field: str
    check: str
    about: str


KEYS = (
    Key("", "experiment", "experiment", "string(min=1)", "the experiment that this file is for"),
    Key("", "product", "product", "string(min=1)", "ups product where the XML names none"),
    Key("", "setup", "setup", "string(min=1)", "script that makes ups products available"),
    Key(
        "",
        "metadata",
        "metadata",
        f"option({', '.join(repr(m) for m in METADATA)})",
        f"metadata block of the wrapper fcl: {', '.join(METADATA)}",
    ),
    Key("", "dropbox", "dropbox", "string", "FTS dropbox; {filetype} and {tier} are filled in"),
    Key("", "dimensions", "dimensions", "string", "SAM dimensions of a stage's output"),
    Key(
        "",
        "metadata_extractor",
        "metadata_extractor",
        "string(min=1)",
        "what makes the metadata of declared files",
    ),
    Key(
        "",
        "sam_experiment",
        "sam_experiment",
        "string",
        "SAM instance of the files, where it is not the experiment's own",
    ),
    Key("", "sam_station", "sam_station", "string", "SAM station; empty: called as the instance"),
    Key(
        "",
        "role",
        "role",
        "option('', 'Production', 'Analysis')",
        "Production or Analysis, whatever the XML says; empty: what the XML says",
    ),
    Key("login", "host", "host", "string(min=1)", "node from which POMS launches production"),
    Key("login", "account", "account", "string(min=1)", "account used to log in"),
    Key(
        "login",
        "analysis_host",
        "analysis_host",
        "string(min=1)",
        "node from which it launches analysis",
    ),
    Key("login", "analysis_account", "analysis_account", "string(min=1)", "account used to log in"),
    Key("login", "setup", "login", "string", "shell line that makes fife_launch available"),
    Key(
        "login",
        "project_py_setup",
        "project_py_login",
        "string",
        "shell line that makes project.py available, for --launcher project.py",
    ),
    Key(
        "campaign",
        "name",
        "campaign_name",
        "string",
        "what campaigns are called; {project}, {file}, {release}, {experiment} are filled in; "
        "without it {project}, and in a migration of many files the place of the XML",
    ),
    Key(
        "campaign",
        "job_type",
        "job_type",
        "string(min=1)",
        "what job types are called; {launcher}, {kind} (sam with recoveries, else plain) and "
        "{campaign} are filled in; without {campaign} the experiment's campaigns share them",
    ),
    Key(
        "campaign",
        "completion_type",
        "completion_type",
        "option('auto', 'located', 'complete')",
        "located, complete, or auto: located where files are declared",
    ),
    Key(
        "campaign",
        "completion_pct",
        "completion_pct",
        "float(min=0.01, max=100)",
        "percent of jobs after which a stage counts as complete",
    ),
    Key(
        "campaign",
        "recoveries",
        "recoveries",
        "string",
        f"recovery types in order ({', '.join(RECOVERIES)}), with +memory those with more memory",
    ),
    Key(
        "campaign",
        "recovery_memory",
        "recovery_memory",
        "integer(min=1)",
        "memory, in MB, with which recoveries are tried a second time",
    ),
)
"""What there is in the file, in its order."""

FREE = {
    "containers": ("containers", "SL5 = /cvmfs/…/image", "images for <os> aliases"),
    "paths": (
        "paths",
        "/old/area = /new/area",
        "areas that have moved, by the beginnings of paths",
    ),
    "file_sizes": (
        "file_sizes",
        "DATASET = 250MB",
        "mean size of a dataset's files, by its name or a pattern: number of jobs by <targetsize>",
    ),
    "env_pass": ("env_pass", "NAME = value", "further environment variables of the jobs"),
    "submit": ("submit", "OPTION = value", "further options of jobsub_submit"),
}
"""Sections with keys of the user's own: the field, an example, what to say."""


def facts(
    experiment: str, own: str | None, role: str | None = None, size: FileSize | None = None
) -> Profile:
    """The experiment's facts, with the settings of the user's own file on top, if there is one.

    role  production or analysis, above all that profile and XML say
    size  of the files that are read, above all that the profile says

    Raises UsageError for an experiment that is neither known nor defined in the file.
    """
    name = named(experiment)
    if own is None:
        found = profile(name)
    elif name in EXPERIMENTS:
        found = with_file(profile(name), own)
    else:
        config = _read(own)
        # A file that tells neither the software nor where it is launched defines nothing.
        defines = config["product"] or config["setup"] or config["login"]["account"]
        if config["experiment"] not in (None, name) or not (config["experiment"] or defines):
            raise unknown(experiment)
        found = with_file(conventions(name), own)
    if size is not None:
        found = replace(found, file_sizes={"*": size})
    return replace(found, role=role.capitalize(), role_from="--role") if role else found


def experiment_in(own: str) -> str | None:
    """The experiment that the user's own file is for, if it says so."""
    found: str | None = _read(own)["experiment"]
    return found


def with_file(profile: Profile, path: str) -> Profile:
    """The profile with the settings of a file on top.

    Raises UsageError that names file, section, key and what is allowed.
    """
    return replace(profile, **_changes(path, _read(path)))


def _read(path: str) -> ConfigObj:
    """The file, checked, with None for what it does not have."""
    # Imported only where somebody has such a file.
    from configobj import ConfigObj, ConfigObjError, flatten_errors, get_extra_values
    from configobj.validate import Validator

    try:
        lines = config_lines(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error(path, f"cannot be read: {reason}", _own(path)) from None
    try:
        config = ConfigObj(
            lines,
            configspec=list(_spec()),
            list_values=False,
            interpolation=False,
            raise_errors=True,
        )
    except ConfigObjError as error:
        raise _error(path, str(error), "correct this line") from None
    for section, key in cut(config, lines):
        raise _error(path, f"{_place(section, key)} is cut at its #", UNCUT)
    checked = config.validate(Validator(), preserve_errors=True)
    for sections, key, problem in flatten_errors(config, checked):
        section = sections[0] if sections else ""
        allowed = next(k.about for k in KEYS if (k.section, k.name) == (section, key))
        value = (config[section] if section else config)[key]
        raise _error(path, f"{_place(section, key)} = {value}: {problem}", allowed)
    for sections, name in get_extra_values(config):
        section = sections[0] if sections else ""
        if section in FREE and not isinstance(config[section][name], dict):
            continue
        known = [k.name for k in KEYS if k.section == section]
        if not section:
            known += [k.section for k in KEYS if k.section] + list(FREE)
        near = difflib.get_close_matches(name, known, 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(dict.fromkeys(known))}"
        raise _error(path, f"{_place(section, name)} is not known", hint)
    _check_lines(path, config)
    return config


def _check_lines(path: str, config: ConfigObj) -> None:
    """Every value stands on one line of the files that are made; a product is one word."""
    for section in ("", *config.sections):
        for name, value in (config[section] if section else config).items():
            if (
                not isinstance(value, dict)
                and not str(value if value is not None else "").isprintable()
            ):
                advice = "write it on one line"
                raise _error(path, f"{_place(section, name)}: a line break or control sign", advice)
    for name in config.get("env_pass", {}):
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
            advice = "letters, digits and _"
            raise _error(path, f"[env_pass] {name}: no name of a variable", advice)
    for name in ("sam_experiment", "sam_station"):
        if config.get(name) and not _WORD.fullmatch(config[name]):
            raise _error(path, f"{name} = {config[name]}: not one word", "one word, such as sbn")
    product = config.get("product")
    if product is not None and not _WORD.fullmatch(product):
        advice = "one word, such as dunesw"
        raise _error(path, f"product = {product}: no name of a ups product", advice)


def _changes(path: str, config: ConfigObj) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for key in KEYS:
        place = config[key.section] if key.section else config
        if key.name not in place.defaults and key.field != "experiment":
            changes[key.field] = place[key.name]
            if key.field == "product":
                changes["product_since"] = changes["product_then"] = ""
            if key.field == "role":
                changes["role_from"] = "the profile"
    for section, (field, _, _) in FREE.items():
        if config.get(section):
            changes[field] = {name: str(value) for name, value in config[section].items()}
    if "file_sizes" in changes:
        changes["file_sizes"] = dict(_sizes(path, changes["file_sizes"]))
    for name in config.get("submit", {}):
        keys = {option.key for option in OPTIONS.values()}
        if name not in keys:
            near = difflib.get_close_matches(name, sorted(keys), 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else "see jobsub_submit --help"
            raise _error(path, f"[submit] {name} is not an option of jobsub_submit", hint)
    for key in KEYS:
        if key.field in _TEMPLATES:
            _check_template(path, key, changes.get(key.field), _TEMPLATES[key.field])
    for recovery in str(changes.get("recoveries", "")).split(","):
        kind = recovery.strip().removesuffix("+memory")
        if kind and kind not in RECOVERIES:
            near = difflib.get_close_matches(kind, RECOVERIES, 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(RECOVERIES)}"
            raise _error(path, f"[campaign] recoveries: POMS knows no {kind!r}", hint)
    return changes


def _sizes(path: str, given: Mapping[str, str]) -> Iterator[tuple[str, FileSize]]:
    for name, text in given.items():
        try:
            yield name, size_in(text)
        except ValueError as error:
            problem = f"[file_sizes] {name} = {text}: {error}"
            raise _error(path, problem, "write a size such as 250MB") from None


_WORD = re.compile(r"[A-Za-z0-9_.+-]+")

_TEMPLATES = {
    "campaign_name": ("project", "file", "release", "experiment"),
    "job_type": ("launcher", "kind", "campaign"),
    "dropbox": ("filetype", "tier"),
    "dimensions": ("filetype", "tier", "parameters", "tag", "version", "project", "stage", "run"),
}
"""What is filled in between braces."""


def _check_template(path: str, key: Key, template: str | None, fields: Sequence[str]) -> None:
    try:
        pieces = [*Formatter().parse(template or "")]
        plain = all(not spec and conversion is None for _, _, spec, conversion in pieces)
        known = all(name is None or name in fields for _, name, _, _ in pieces)
    except ValueError:
        plain = known = False
    if not (plain and known):
        allowed = ", ".join("{" + name + "}" for name in fields)
        place = _place(key.section, key.name)
        raise _error(path, f"{place} = {template}: not a template", f"use {allowed} only")


def _spec() -> Iterator[str]:
    for section in dict.fromkeys(key.section for key in KEYS):
        if section:
            yield f"[{section}]"
        for key in KEYS:
            if key.section == section:
                # Without a default: a key that is not there stays the experiment's.
                yield f"{key.name} = {_optional(key.check)}"
    for section in FREE:
        yield f"[{section}]"


def _optional(check: str) -> str:
    name, _, arguments = check.rstrip(")").partition("(")
    return f"{name}({arguments + ', ' if arguments else ''}default=None)"


def _place(section: str, key: str) -> str:
    return f"[{section}] {key}" if section else key


def _own(path: str) -> str:
    """What to do where there is no such file."""
    if path not in EXPERIMENTS:
        return "check the name"
    return (
        f"--experiment {path} takes the facts of {path}; to change some, "
        f"xml2poms profile {path} > own.profile, and --profile own.profile"
    )


def _error(path: str, message: str, advice: str) -> UsageError:
    return UsageError("X2P908", message, advice, file=os.fspath(path))


def write_profile(profile: Profile) -> str:
    """The experiment's facts as a file to start from: every key, as a comment with its value."""
    lines = [
        f"# xml2poms profile for {profile.experiment}: xml2poms project.xml --profile THIS_FILE",
        "# What is not set here stays as it is.  Remove the # before a key to change it.",
        '# A value with a # in it is written as """VALUE""".',
    ]
    for section in dict.fromkeys(key.section for key in KEYS):
        if section:
            lines += ["", f"[{section}]"]
        for key in KEYS:
            if key.section == section:
                value = getattr(profile, key.field)
                lines += ["", f"# {key.about}", f"#{key.name} = {value}".rstrip()]
    for section, (_, example, about) in FREE.items():
        lines += ["", f"# {about}", f"[{section}]", f"#{example}"]
    return "\n".join(lines) + "\n"
