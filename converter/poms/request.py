"""What jobs ask the batch system for, in plain units.

Source: jobsub_lite's lib/utils.py (fix_unit, resolve_site_and_usage_model,
check_site_and_blocklist), lib/get_parser.py for its defaults, and the schedds'
MAX_JOBS_PER_SUBMISSION of lib/condor.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "MOST_JOBS",
    "asked",
    "in_dag",
    "kilobytes",
    "refused_places",
    "seconds",
    "shown_size",
    "shown_time",
]

MOST_JOBS = 10_000
"""A schedd takes no more jobs in one submission."""

_SIZES = {"KB": 1.0, "MB": 1024.0, "GB": 1024.0**2, "TB": 1024.0**3}
_TIMES = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WORDS = {"short": "3h", "medium": "8h", "long": "85200s"}
_ALONE = {"memory": "MB", "disk": "KB"}
_ONSITE = "FermiGrid"


def kilobytes(option: str, text: str) -> float | None:
    """A size of `memory` or `disk`; a number alone has the option's own unit."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kmgt]b)?", text.strip(), re.IGNORECASE)
    return float(match[1]) * _SIZES[(match[2] or _ALONE[option]).upper()] if match else None


def seconds(text: str) -> float | None:
    """A time; a number alone is in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])?", _WORDS.get(text.strip(), text.strip()))
    return float(match[1]) * _TIMES[match[2] or "s"] if match else None


def shown_size(size: float) -> str:
    """Kilobytes in the largest unit of which there is one at least."""
    unit = next((u for u in reversed(_SIZES) if size >= _SIZES[u]), "KB")
    return f"{size / _SIZES[unit]:.4g} {unit}"


def shown_time(time: float) -> str:
    """Seconds in the largest unit of which there is one at least; hours up to four days."""
    unit, name = next(
        ((s, n) for s, n in ((3600, "h"), (60, "min")) if time >= s), (1, "s")
    )  # fmt: skip
    return f"{time / unit:.4g} {name}"


def in_dag(submit: Mapping[str, str]) -> bool:
    """Whether the jobs are sections of a dag, each a submission of its own, of PROCESS 0."""
    if submit.get("dataset"):
        return True
    most, jobs = submit.get("maxConcurrent", ""), submit.get("N", "1")
    # A negative number is one that is less.
    return most.removeprefix("-").isdigit() and jobs.isdigit() and 0 != int(most) < int(jobs)


def refused_places(submit: Mapping[str, str], model: str) -> str:
    """Why jobsub_lite refuses site, blocklist and usage model together; '' if it does not.

    model  the usage model of --resource-provides
    """
    sites = [_canonical(site) for site in submit.get("site", "").split(",")]
    models = model.split(",")
    if submit.get("onsite") == "True":
        models = ["DEDICATED", "OPPORTUNISTIC"]
        if sites not in ([_ONSITE], [""]):
            return f"--onsite with site {','.join(sites)}"
    if submit.get("offsite") == "True":
        models = ["OFFSITE"]
        if _ONSITE in sites:
            return f"--offsite with site {','.join(sites)}"
    if sites == [""]:
        sites = [_ONSITE] if model and "OFFSITE" not in models else []
    both = [site for site in sites if site and site in submit.get("blocklist", "").split(",")]
    return f"{', '.join(both)} is a site to run at and one not to run at" if both else ""


def _canonical(site: str) -> str:
    return _ONSITE if site.lower() == _ONSITE.lower() else site


def asked(submit: Mapping[str, str]) -> str:
    """One line: jobs, memory, disk, cores, time, places and image; defaults are jobsub_lite's."""
    jobs = submit.get("N", "1")
    parts = ["1 job" if jobs == "1" else f"{jobs} jobs"]
    if in_dag(submit):
        parts[0] += " (a dag)"
    for option, default in (("memory", "2GB"), ("disk", "10GB")):
        size = kilobytes(option, submit.get(option, default))
        shown = shown_size(size) if size is not None else submit[option]
        parts.append(f"{shown} of {option}")
    cores = submit.get("cpu", "1")
    parts.append("1 core" if cores == "1" else f"{cores} cores")
    if submit.get("gpu"):
        parts.append(f"{submit['gpu']} GPU")
    life = submit.get("expected-lifetime", "8h")
    time = seconds(life)
    parts.append(f"up to {shown_time(time) if time is not None else life}")
    parts.append(f"at {submit['site']}" if submit.get("site") else _anywhere(submit))
    if submit.get("blocklist"):
        parts.append(f"not at {submit['blocklist']}")
    image = submit.get("singularity-image", "").rpartition("/")[2]
    if submit.get("no-singularity") == "True":
        parts.append("no container")
    elif submit.get("OS"):
        parts.append(f"system {submit['OS']}")
    else:
        parts.append(f"image {image}" if image else "jobsub_lite's own image (el9)")
    return ", ".join(parts)


def _anywhere(submit: Mapping[str, str]) -> str:
    model = next(
        (v for k, v in submit.items() if k.startswith("resource-provides") and "usage_model" in v),
        "",
    )
    onsite = (model and "OFFSITE" not in model) or submit.get("onsite") == "True"
    return f"at {_ONSITE}" if onsite and submit.get("offsite") != "True" else "at any site"
