"""What jobsub_lite makes of the words that it is given: the submission of either side.

Source: jobsub_lite's lib/get_parser.py and set_extras_n_fix_units of lib/utils.py (July 2025).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from converter.poms import jobsub
from converter.text import Text

__all__ = ["DEFAULT_IMAGE", "TAR", "TAR_FILE", "Submission", "submission", "unpacked_at"]

DEFAULT_IMAGE = "/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-el9:latest"

TAR, TAR_FILE = "INPUT_TAR_DIR_LOCAL", "INPUT_TAR_FILE"
"""The variables that name the folder of the first tarball, and a file in it; of the second one
they end in _1, and so on."""

_DISK = {"k": 1.0, "m": 1024.0, "g": 1024.0**2, "t": 1024.0**3}
_MEMORY = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2}
_TIME = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME_WORDS = {"short": "3h", "medium": "8h", "long": "85200s"}
_ONSITE = "FermiGrid"

_NAMES = {
    "G": "group",
    "role": "role",
    "subgroup": "subgroup",
    "N": "jobs",
    "cpu": "cores",
    "gpu": "gpus",
    "blocklist": "blocklist",
    "OS": "operating system",
    "dataset-definition": "SAM dataset",
    "dd-percentage": "prestaged share",
    "project-name": "SAM project",
    "maxConcurrent": "jobs at a time",
    "memory": "memory",
    "disk": "disk",
    "site": "site",
    "expected-lifetime": "expected-lifetime",
    "timeout": "timeout",
}
"""Option → what it is called in the plan; any other one is `option NAME`."""

_OURS = ("verbose", "debug", "devserver", "version", "support-email")
"""Options that say nothing about the jobs."""

Submission = dict[str, "str | tuple[str, ...]"]
"""Name of a field → its value, several for what can be given repeatedly."""


def submission(words: Sequence[str], environment: Mapping[str, str]) -> Submission:
    """The fields of a submission; `refused` says why jobsub_lite would not take it.

    words        after jobsub_submit, up to the file that is to be run
    environment  where `-e NAME` finds its value
    """
    single: dict[str, str] = {"group": environment.get("GROUP", ""), "jobs": "1"}
    lists: dict[str, list[str]] = {}
    refused: list[str] = []
    image = usage_model = ""
    no_image = False
    for given in jobsub.parse(tuple(Text(word) for word in words)):
        option = given.option
        values = [str(value) for value in given.values]
        if option is None or given.problem:
            problem = given.problem or "jobsub_lite does not know it"
            refused.append(" ".join([given.word, *values]) + f": {problem}")
            continue
        key = option.key
        if key in _OURS:
            continue
        if key == "singularity-image":
            image = values[0]
        elif key == "no-singularity":
            no_image = True
        elif key in ("onsite", "offsite"):
            usage_model = "OFFSITE" if key == "offsite" else "DEDICATED,OPPORTUNISTIC"
        elif option.kind == "choice":
            single["mail"] = key.removeprefix("mail_").replace("_", " ")
        elif option.kind == "flag":
            single[f"option {key}"] = "yes"
        elif option.repeats:
            lists.setdefault(key, []).append(" ".join(values))
        else:
            single[_NAMES.get(key, f"option {key}")] = values[0]
    found: Submission = {}
    found.update(_quantities(single))
    # What a line break parts is two lines in the file that condor reads.
    given_lines = [part for line in lists.pop("lines", []) for part in line.splitlines()]
    lines = [line for line in map(str.strip, given_lines) if line not in ('""', "''", "")]
    found["container"] = "none" if no_image else _image(image, lines)
    lines = [line for line in lines if not re.match(".+SingularityImage=(.+)", line)]
    site, model, provides = _places(
        single.pop("site", ""), usage_model, lists.pop("resource-provides", []), refused
    )
    both = [s for s in site.split(",") if s and s in single.get("blocklist", "").split(",")]
    if both:
        refused.append(f"{', '.join(both)}: both in site and blocklist")
    most, jobs = single.get("jobs at a time", ""), single["jobs"]
    if most.isdigit() and jobs.isdigit() and (int(most) >= int(jobs) or int(most) == 0):
        del single["jobs at a time"]
    found |= {"site": site, "usage model": model, "provides": tuple(provides)}
    found["requirements"] = tuple(sorted(set(lists.pop("append_condor_requirements", []))))
    found["condor lines"] = tuple(sorted(lines))
    found["environment"] = _environment(lists.pop("e", []), environment, refused)
    found["tarballs"] = tuple(_unpacked(t) for t in lists.pop("tar_file_name", []))
    found["files shipped"] = tuple(sorted(_unpacked(f) for f in lists.pop("f", [])))
    for key, values in lists.items():
        found[f"option {key}"] = tuple(values)
    for name, value in single.items():
        found.setdefault(name, value)
    found["refused"] = tuple(refused)
    return {name: value for name, value in found.items() if value}


def _unpacked(name: str) -> str:
    """Files go by their paths; a directory is packed by jobsub."""
    return name.removeprefix("dropbox://")


def unpacked_at(tarball: str) -> str:
    """A name for the folder in which a job finds a tarball: one word of a shell."""
    path = tarball.partition("://")[2 if "://" in tarball else 0].strip("/")
    return "/tarball/" + re.sub(r"[^\w./:,+=@%-]", "_", path)


def _quantities(single: dict[str, str]) -> Submission:
    """Memory, disk and times, in one unit each, with jobsub_lite's defaults."""
    memory = _scaled(single.pop("memory", "2GB"), _MEMORY, 2)
    disk = _scaled(single.pop("disk", "10GB"), _DISK, 2)
    life = single.pop("expected-lifetime", "8h")
    limit = single.pop("timeout", "")
    found: Submission = {"memory": f"{memory:g} MB" if memory is not None else ""}
    found["disk"] = f"{disk:.10g} KB" if disk is not None else ""
    for name, value in (("expected lifetime", life), ("time limit", limit)):
        seconds = _scaled(_TIME_WORDS.get(value, value), _TIME, 1) if value else None
        found[name] = f"{seconds:.10g} s" if seconds is not None else ""
    return found


def _scaled(text: str, units: Mapping[str, float], length: int) -> float | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", text)
    if not match:
        return None
    unit = match[2].lower()
    if not unit:
        return float(match[1])
    return float(match[1]) * units[unit[0]] if len(unit) == length and unit[0] in units else None


def _image(given: str, lines: Sequence[str]) -> str:
    """--singularity-image, else the last +SingularityImage line, else jobsub_lite's default."""
    found = [
        m[1].strip('"\\') for line in lines if (m := re.match(".+SingularityImage=(.+)", line))
    ]
    if given and given != DEFAULT_IMAGE:
        return given
    return found[-1] if found else DEFAULT_IMAGE


def _places(
    site: str, usage_model: str, provides: list[str], refused: list[str]
) -> tuple[str, str, list[str]]:
    """Site, usage model and what else resources must provide (resolve_site_and_usage_model)."""
    others = [text for text in provides if not text.startswith("usage_model=")]
    wanted = [t.removeprefix("usage_model=").strip('"') for t in provides if t not in others]
    sites = [_ONSITE if s.lower() == _ONSITE.lower() else s for s in site.split(",")]
    if site:
        if sites == [_ONSITE]:
            model = "DEDICATED,OPPORTUNISTIC"
        else:
            model = "DEDICATED,OPPORTUNISTIC,OFFSITE" if _ONSITE in sites else "OFFSITE"
        return ",".join(sites).strip(", "), model, others
    model = usage_model or (wanted[0] if wanted else "DEDICATED,OPPORTUNISTIC,OFFSITE")
    onsite = "OFFSITE" not in model.split(",") and (usage_model or wanted)
    return _ONSITE if onsite else "", model, others


def _environment(
    given: Sequence[str], environment: Mapping[str, str], refused: list[str]
) -> tuple[str, ...]:
    # Of several values of one variable condor takes the last.
    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            value = environment.get(name, "")
            if not value:
                refused.append(f"-e {name}: no value in the environment")
                continue
        found[name] = value
    return tuple(sorted(f"{name}={value}" for name, value in found.items()))
