"""What the real programs did, in the words of a plan, to be compared with one."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from converter.verify.art import art_words
from converter.verify.campaign.fields import LOG
from converter.verify.plan import NO_SHARE, OPTION_NAMES, Plan

UUID = r"[-_]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-?"
IGNORED_PRODUCTS = ("ifdhc", "ifdh", "ifdhc_config", "ifdh_art")
"""Products that either worker sets up for its own sake."""

WRAPPERS = re.compile(r"(init|end|fin|mid)(_source)?_wrapper\.sh|setup_experiment\.sh")

Fields = dict[str, Any]


def submission_of(final: dict[str, Any], parsed: dict[str, Any]) -> Fields:
    """jobsub_lite's own values, by the plan's names."""

    def amount(value: object, unit: str) -> str:
        return f"{float(str(value)):.10g} {unit}" if value else ""

    provides = final["resource_provides_quoted"]
    model = [p.partition("=")[2].strip('"') for p in provides if p.startswith("usage_model=")]
    return {
        "group": parsed["group"],
        "role": parsed.get("role") or "",
        "jobs": str(int(final["N"] or 1)),
        "memory": amount(final["memory"], "MB"),
        "disk": amount(final["disk"], "KB"),
        "cores": str(final["cpu"] or ""),
        "expected lifetime": amount(final["expected_lifetime"], "s"),
        "time limit": amount(final["timeout"], "s"),
        "site": final["site"] or "",
        "blocklist": final["blocklist"] or "",
        "usage model": final["usage_model"] or (model[0] if model else ""),
        "provides": tuple(p for p in provides if not p.startswith("usage_model=")),
        "operating system": final["OS"] or "",
        "container": final["singularity_image"],
        "requirements": tuple(sorted(set(final["append_condor_requirements"]))),
        "condor lines": tuple(sorted(final["lines"])),
        "environment": tuple(sorted(final["environment"])),
        "tarballs": tuple(
            t.removeprefix("dropbox://")
            for t in parsed.get("tar_file_name", [])
            if "/TMPWORKDIR/" not in t
        ),
        "SAM dataset": parsed.get("dataset_definition") or "",
    }


def job_of(report: dict[str, Any]) -> Fields:
    """What a worker did, by the plan's names; of files what both can know."""
    cluster = report["cluster"]
    fields: Fields = {"products": tuple(_products(report)), "order": tuple(_order(report))}
    for consumer in report["consumer"]:
        fields["SAM application"] = " ".join(
            str(consumer[key]) for key in ("appfamily", "appname", "appversion")
        )
        limit = str(consumer["limit"] or "0")
        fields["files per job"] = "" if limit == "0" else limit
        fields["delivery"] = consumer["schema"] or ""
    for number, exe in enumerate(report["exes"]):
        fields |= _substage(number, exe, cluster)
    places = set()
    for one in report["copied_out"]:
        if not one["status"]:
            name = re.sub(UUID, "", one["name"])
            kind = "log" if name == "log.tar" else "data"
            places.add((kind, one["dir"].replace(str(cluster), "CLUSTER")))
    fields["places"] = tuple(sorted(places))
    fields["names"] = tuple(
        sorted(
            {
                _kept(one["name"])
                for one in report["copied_out"]
                if not one["status"] and one["name"] != "log.tar"
            }
        )
    )
    return fields


def _kept(name: str) -> str:
    plain = re.sub(UUID, "", name)
    return plain + (" (made unique)" if plain != name else "")


def _products(report: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for one in report["setups"]:
        if one["how"] != "unsetup" and one["product"] not in IGNORED_PRODUCTS:
            quals = ":".join(sorted(filter(None, re.split(r"[:+]", one["quals"]))))
            words = [one["product"], one["version"], *(["-q", quals] if quals else [])]
            found[" ".join(filter(None, words))] = None
    return list(found)


def _order(report: dict[str, Any]) -> list[str]:
    lines = []
    number = 0
    for line in report["order"]:
        how, _, rest = line.partition(" ")
        name = rest.split()[0] if rest else ""
        if how == "exe":
            lines.append(f"substage {number}")
            number += 1
        elif how in ("source", "run") and not (
            WRAPPERS.fullmatch(posixpath.basename(name))
            or name.startswith("/cvmfs/")
            or posixpath.basename(name) == "run_lar.sh"
        ):
            lines.append(" ".join((how, posixpath.basename(name), *rest.split()[1:])))
    return lines


def _substage(number: int, exe: dict[str, Any], cluster: str) -> Fields:
    start = f"substage {number}"
    options, other = art_words(exe["args"])
    fields: Fields = {f"{start} program": posixpath.basename(exe["exe"])}
    lines = (" ".join(line.split()) for line in (exe["fcl_text"] or "").splitlines())
    fields[f"{start} fcl"] = tuple(
        sorted(x for x in lines if x and (x[0] != "#" or x.startswith("#include")))
    )
    for option, name in OPTION_NAMES.items():
        fields[f"{start} {name}"] = options.get(option, "")
    fields[f"{start} words"] = tuple(other)
    if number == 0:
        files = sorted(posixpath.basename(name) for name in exe["inputs"])
        fields["input files"] = tuple(files)
    for key, name in (("stdout", "output to"), ("stderr", "errors to")):
        stream = posixpath.basename(exe[key] or "")
        fields[f"{start} {name}"] = LOG if stream.startswith("JOBSUB_") or not stream else stream
    return fields


def comparable(plan: Plan) -> Fields:
    """A plan's fields in the form that job_of() gives."""
    fields: Fields = dict(plan.fields)
    for name in list(fields):
        if name.endswith(" fcl"):
            fields[name] = tuple(sorted(fields[name]))
        if name.endswith("other arguments"):
            words = [w for line in fields.pop(name) for w in line.split()]
            fields[name.replace("other arguments", "words")] = tuple(art_words(words)[1])
    if "input files" in fields:
        files = [f for f in fields["input files"] if f and f != NO_SHARE]
        fields["input files"] = tuple(sorted(posixpath.basename(f) for f in files))
    named = [line.rpartition(" in $")[::2] for line in fields.pop("tarballs", ())]
    named = [(t, name.rpartition("LOCAL")[2]) for t, name in named if "LOCAL" in name]
    named.sort(key=lambda pair: int(pair[1][1:] or 0))
    fields["tarballs"] = tuple(dict.fromkeys(t for t, number in named if number))
    places = {("data", line.partition(" -> ")[2]) for line in fields.get("data files", ())}
    places |= {("log", line.partition(" -> ")[2]) for line in fields.get("log files", ())}
    fields["places"] = tuple(sorted(places))
    return fields


def _plain_fcl(lines: tuple[str, ...], along: set[str]) -> tuple[str, ...]:
    """Without the include of a file that goes along, whose text stands in its place.

    A text file of events is named by its base name.
    """
    kept = [x for x in lines if not (x.startswith("#include") and x.split('"')[1] in along)]
    return tuple(re.sub(r'(InputFileName: ").*/', r"\1", line) for line in kept)


def disagreements(plan: Plan, real: Fields) -> dict[str, tuple[Any, Any]]:
    """Fields that the real programs know too, and that they have otherwise: (plan, real)."""
    mine = comparable(plan)
    along = {posixpath.basename(name) for name in plan.fields.get("files shipped", ())}
    dropbox = [("data", place) for kind, place in real.get("places", ()) if "DROPBOX" in place]
    if dropbox:
        # By the metadata of each file, which nobody knows here.
        real["places"] = tuple(p for p in real["places"] if p not in dropbox)
        mine["places"] = tuple(p for p in mine["places"] if "dropbox" not in p[1])
    fetched = {posixpath.basename(name) for name in plan.fields.get("files fetched", ())}
    along |= fetched
    for name in [n for n in real if n.endswith(" fcl")]:
        mine[name] = _plain_fcl(mine.get(name, ()), along)
        real[name] = _plain_fcl(real[name], along)
        if not real[name] and [line.split()[0] for line in mine[name]] == ["#include"]:
            # lar runs with a file of the release itself, of which nobody here has the text.
            mine[name] = ()
        if any("InputFileName" in line for line in mine[name]):
            # Which the worker's own list of what lar reads does not have.
            real.pop("input files", None)
    if all(name.endswith("_art.root") for name in real.get("names", ())):
        # Named by an fcl that is nowhere here.
        real.pop("names", None)
    if "SAM application" in real:
        # Which files SAM delivers is no part of a plan; project.py's name comes from the fcl.
        real.pop("input files", None)
        if "PROCESS_NAME_OF" in real["SAM application"]:
            real["SAM application"] = mine.get("SAM application", "")
    return {
        name: (mine.get(name) or "", value)
        for name, value in real.items()
        if (mine.get(name) or "") != (value or "")
    }
