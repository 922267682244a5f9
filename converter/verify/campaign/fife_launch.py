"""From a campaign.cfg to the words that jobsub_submit gets (bin/fife_launch of fife-utils)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from converter.errors import CfgError
from converter.poms.config import MAX_COMMAND
from converter.shell import Shell
from converter.verify.node import node

__all__ = ["BOOLEAN", "KNOWN", "Launch", "launch", "shell_command", "split_words", "unnumbered"]

BOOLEAN = frozenset(
    (
        *("add_location", "config", "data_dispatcher", "debug", "declare_metadata"),
        *("dest_uniq_rename", "dry_run", "dynamic_lifetime", "end_project", "find_setups"),
        *("getconfig", "ifdh_art", "multifile", "no-checksum", "no_delete_after_copy"),
        *("nosetup", "setup-local", "setup_local", "with_gdb"),
    )
)
"""Options of fife_wrap that fife_launch takes for flags (`config` by a slip of its own)."""

_VALUES = frozenset(
    (
        *("add_metadata", "add_to_dataset", "addoutput", "appfamily", "appname", "appvers"),
        *("cvmfs-revision", "dataset_exclude", "dest", "exe", "export", "export-unquote"),
        *("filter_metadata", "finally", "finally-unquote", "hash", "hash_alg", "inputfile"),
        *("inputlist", "inputtar", "limit", "metadata_extractor", "metadata_extractor_unquote"),
        *("mix", "outputlist", "parallel", "postscript", "postscript-unquote", "prescript"),
        *("prescript-unquote", "quals", "rename", "schema", "self-destruct-timer"),
        *("self_destruct_timer", "setup", "setup-unquote", "source", "source-unquote"),
        *("spack-env-activate", "spack-env-activate-unquote", "spack-load"),
        *("spack-load-unquote", "start_project_on", "userscript", "vers"),
    )
)

KNOWN = BOOLEAN | _VALUES
"""Every option of fife_wrap, those of numbered outputs without their number."""

_URL_QUOTED = frozenset(
    (
        *("export", "source", "setup", "prescript", "postscript", "finally", "spack-load"),
        "spack-env-activate",
    )
)
_MOST_OUTPUTS = 30


class Launch(Struct, frozen=True):
    """What is launched.

    prelaunch    commands that run before, where the launch happens
    words        what jobsub_submit gets
    environment  in which it gets them
    name         of the script that the jobs run
    problems     why no shell would come to call jobsub_submit
    """

    prelaunch: tuple[str, ...]
    words: tuple[str, ...]
    environment: Mapping[str, str]
    name: str
    problems: tuple[str, ...] = ()


def launch(
    sections: Mapping[str, Mapping[str, str]], environment: Mapping[str, str], files: int
) -> Launch:
    """Launch one stage, given its sections as poms.reader.resolve() has them.

    environment  where the launch happens
    files        in the dataset, for n_files_per_job

    Raises CfgError where fife_launch would stop.
    """
    command = shell_command(sections, files)
    length = len(command.encode())
    if length > MAX_COMMAND:
        raise CfgError(
            "X2P839",
            f"the launch command has {length:,} bytes; a shell takes {MAX_COMMAND:,}",
            "put scripts into files that go along with the jobs",
        )
    world = node()
    shell = Shell(world, environment)
    shell.run(command)
    calls = [e.words for e in world.events if e.words[0] in ("jobsub_submit", "fake_jobsub")]
    problems = tuple(
        f"the launch shell runs {' '.join(e.words)!r}" for e in world.events if e.words not in calls
    )
    if not calls:
        problems = (*problems, "jobsub_submit is never called")
    macros = sections.get("global", {})
    return Launch(
        tuple(_prelaunch(sections.get("prelaunch", {}))),
        calls[0][1:] if calls else (),
        dict(shell.variables),
        macros.get("jobname") or "fife_wrap",
        problems,
    )


def shell_command(sections: Mapping[str, Mapping[str, str]], files: int) -> str:
    """The command that fife_launch gives to a shell.  Raises CfgError where it would stop."""
    config = {name: dict(options) for name, options in sections.items()}
    submit = config.setdefault("submit", {})
    if submit.get("dataset") and "dataset_definition" not in submit:
        submit["dataset_definition"] = submit.pop("dataset")
    return "\n".join(_command(config, files))


def _prelaunch(options: Mapping[str, str]) -> Iterator[str]:
    """`script`, `script_1`, …, up to the first that is not there."""
    for number in range(100):
        script = options.get(f"script_{number}" if number else "script")
        if not script:
            return
        yield script


def _command(config: Mapping[str, dict[str, str]], files: int) -> Iterator[str]:
    macros, submit = config.get("global", {}), config["submit"]
    yield f"GROUP={macros.get('group')}; export GROUP"
    for key, value in config.get("env_pass", {}).items():
        yield f'export {key}="{value}"'
    yield "jobsub_submit \\"
    for key in config.get("env_pass", {}):
        yield f"  -e {key} \\"
    share = submit.pop("n_files_per_job", "")
    if share.strip().isdigit() and int(share) > 0:
        submit["N"] = str((files + int(share) - 1) // int(share))
    for key, value in submit.items():
        name = unnumbered(key)
        if len(name) == 1:
            yield f"  -{name} {value}  \\"
        elif value == "True":
            yield f"  --{name} \\"
        else:
            yield f"  --{name}={value}  \\"
    jobname = macros.get("jobname")
    yield f"  file:///tmp/{jobname} \\" if jobname else "  file:///fife_wrap \\"
    yield from _setup(config.get("job_setup", {}))
    yield from _consumer(config.get("sam_consumer", {}))
    yield from _dispatcher(config.get("data_dispatcher"))
    yield from _outputs(config)
    yield from _executables(config)


def unnumbered(key: str) -> str:
    """A repeated key without its number, of one or two digits."""
    return _NUMBER.sub("", key) if "_" in key else key


_NUMBER = re.compile(r"(?<=.)_\d{1,2}$")


def _setup(options: Mapping[str, str]) -> Iterator[str]:
    for key, value in options.items():
        name = unnumbered(key)
        if name in BOOLEAN:
            if value == "True":
                yield f"    --{name} \\"
        elif name in _URL_QUOTED and value:
            yield f"    --{name}-unquote '{quote(value)}' \\"
        else:
            yield f"    --{name} '{value}' \\"


def _consumer(options: Mapping[str, str]) -> Iterator[str]:
    for key, value in options.items():
        if key not in KNOWN:
            raise CfgError(
                "X2P835",
                f"[sam_consumer] {key}: fife_wrap has no such option",
                "keys here are not numbered: limit, schema, appname, appvers, appfamily",
            )
        if key in BOOLEAN:
            if value == "True":
                yield f"  --{key} \\"
        else:
            yield f"    --{key} '{value}' \\"


def _dispatcher(options: Mapping[str, str] | None) -> Iterator[str]:
    if options is not None:
        yield "    --data_dispatcher \\"


def _outputs(config: Mapping[str, dict[str, str]]) -> Iterator[str]:
    for number in range(_MOST_OUTPUTS):
        section = f"job_output_{number}" if number else "job_output"
        if section not in config:
            return
        suffix = str(number) if number else ""
        for key, value in config[section].items():
            name = unnumbered(key)
            if name == "launch_dest_check":
                continue
            if name in BOOLEAN:
                if value == "True":
                    yield f"    --{name}{suffix} \\"
            elif name == "metadata_extractor" and value and quote(value) != value:
                # Written so by fife_launch: the number comes after _unquote.
                yield f"    --{name}_unquote{suffix} '{quote(value)}' \\"
            else:
                yield f"    --{name}{suffix} '{value}' \\"


def _executables(config: Mapping[str, dict[str, str]]) -> Iterator[str]:
    there = [n for n in range(100) if _executable(n) in config]
    for number in there:
        options = config[_executable(number)]
        if "apptainer" in options:
            yield "  --exe  apptainer \\"
        else:
            yield f"  --exe  {options.get('name')} \\"
        for stream in ("exe_stdout", "exe_stderr"):
            if options.get(stream):
                yield f"  --{stream}{number} {options[stream]} \\"
    for number in there:
        options = config[_executable(number)]
        yield " -- \\"
        if "apptainer" in options:
            container = options["apptainer"]
            if not container.startswith("/"):
                container = "/cvmfs/singularity.opensciencegrid.org/fermilab/" + container
            yield f"exec --bind /cvmfs {container} {options.get('name')} \\"
        for key, value in options.items():
            if key.startswith("arg_"):
                yield f"      {value} \\"


def _executable(number: int) -> str:
    return f"executable_{number}" if number else "executable"


def split_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words for jobsub_submit, and those for the script that the jobs run."""
    for place, word in enumerate(words):
        if word.startswith("file://"):
            return list(words[:place]), list(words[place + 1 :])
    return list(words), []
