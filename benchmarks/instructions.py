"""What this program costs in instructions, where the machine's load does not count.

    python benchmarks/instructions.py DIRECTORY [--files 12] [--json FILE] [--peer COMMAND]
        [--start COMMAND]

Over some of the convertible files of DIRECTORY, evenly chosen, under valgrind's cachegrind: the
parse of minidom, conversion with proof and JSON, the page, verify; the start of the program; what
a stage costs among 100 and among 1,000 others.  With $REF_ROOT, and the oracles in ../shared/tools
(or $XML2POMS_SHARED), the reading of the real project.py too; with --peer the command of another
converter, to which the names of the files are given; with --start a program whose start ours is
held against, such as `black --version`.  `benchmarks/migrate.py` has CPU time.

What an interpreter takes to start is not counted: each work is done once over the files, and
several times, and the difference is its price.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.dom import minidom
from xml.parsers.expat import ExpatError

HERE = Path(__file__)
SHARED = Path(os.environ.get("XML2POMS_SHARED", HERE.parents[2] / "shared"))
ORACLE = SHARED / "tools" / "projectpy_oracle.py"
SAMPLE = HERE.parents[1] / "samples" / "xml" / "chain.xml"
PAIR = (100, 1000)
"""Numbers of stages of which the growth is told."""


def run(command: Sequence[str]) -> None:
    # In another order of its sets and dictionaries a program takes another way.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    nowhere = subprocess.DEVNULL
    subprocess.run(command, stdout=nowhere, stderr=nowhere, check=False, env=environment)


def instructions(command: Sequence[str]) -> int:
    """How many a command takes, in its process."""
    with tempfile.NamedTemporaryFile("r") as log:
        valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--log-file={log.name}"]
        run([*valgrind, "--cachegrind-out-file=/dev/null", *command])
        found = re.search(r"I\s+refs:\s+([\d,]+)", log.read())
    if found is None:
        sys.exit(f"no instructions told of {shlex.join(command)}")
    return int(found[1].replace(",", ""))


def price(command: Sequence[str], files: Sequence[str], more: int = 1) -> float:
    """Of a work on the files, which it is given by their names, `more` times more."""
    # What Python compiles now it keeps.
    run([*command, *files])
    once = instructions([*command, *files])
    return (instructions([*command, *files, *(more * [*files])]) - once) / more


def ours(kind: str) -> list[str]:
    return [sys.executable, str(HERE), "--work", kind]


def work(kind: str, files: Sequence[str]) -> None:
    """One pass of a kind of work over the files, in this process."""
    from converter.cli import main
    from converter.conversion import convert_bytes
    from converter.report.html import as_html
    from converter.report.model import Report
    from converter.report.rendering import as_json

    for name in files:
        data = Path(name).read_bytes()
        if kind == "minidom":
            minidom.parseString(data).unlink()
            continue
        if kind == "verify":
            cfg = Path(name).with_suffix(".cfg")
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
                main(["verify", name, str(cfg)])
            continue
        report = Report((convert_bytes(data, name).report,))
        if kind == "convert":
            as_json(report, "0")
        if kind == "page":
            as_html(report, "0", "../index.html", "../codes")


def chosen(directory: Path, number: int, into: Path) -> list[str]:
    """So many convertible files with their campaigns, copied."""
    from converter.conversion import convert_bytes
    from converter.errors import ConversionError

    found = sorted(directory.rglob("*.xml"))
    names: list[str] = []
    for path in found[:: max(1, len(found) // number)]:
        data = path.read_bytes()
        try:
            campaigns = convert_bytes(data, "x.xml").campaigns
            minidom.parseString(data).unlink()
        except (ConversionError, ExpatError):
            continue
        if len(campaigns) == 1:
            name = into / f"{len(names)}.xml"
            name.write_bytes(data)
            for file, text in campaigns[0].files.items():
                (into / file).write_text(text)
            name.with_suffix(".cfg").write_text(campaigns[0].cfg)
            names.append(str(name))
    return names


def many(number: int) -> str:
    """A chain of so many stages."""
    stages = "".join(
        f'<stage name="s{n}"><fcl>a.fcl</fcl><outdir>/pnfs/dune/o/s{n}</outdir>'
        f"<workdir>/pnfs/dune/w</workdir><memory>{2000 + 500 * (n % 4)}</memory>"
        f"<defname>d_{n}</defname></stage>\n"
        for n in range(number)
    )
    return (
        '<project name="p"><numevents>10</numevents><numjobs>2</numjobs><os>sl7</os><larsoft>'
        f"<tag>v09_81_00</tag><qual>e26:prof</qual></larsoft>{stages}</project>"
    )


def over_files(files: Sequence[str], peer: str) -> dict[str, float]:
    """Each work: millions of instructions a file."""
    kinds = ("minidom", "read", "convert", "page")
    found = {kind: price(ours(kind), files, 3) for kind in kinds}
    # A page is made of a report that is there already.
    found["page"] -= found.pop("read")
    found["verify"] = price(ours("verify"), files)
    if "REF_ROOT" in os.environ and ORACLE.exists():
        found["project.py reads"] = price([sys.executable, str(ORACLE)], files)
    if peer:
        found["peer"] = price(shlex.split(peer), files)
    return {name: count / len(files) / 1e6 for name, count in found.items()}


def start_up(scratch: Path, other: str) -> dict[str, float]:
    """Whole processes, in millions of instructions."""
    program = [sys.executable, "-c", "from converter.cli import main; main()"]
    # Alone in its folder: the .ini files beside it are looked at for their names.
    convert = [*program, "convert", str(SAMPLE), "-o", str(scratch / "alone" / "c.cfg")]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "--version": [*program, "--version"],
        "convert -q": [*convert, "-q"],
        "convert": convert,
    }
    if other:
        commands[other] = shlex.split(other)
    run([sys.executable, "-m", "compileall", "-q", str(HERE.parents[1] / "converter")])
    found = {name: instructions(command) / 1e6 for name, command in commands.items()}
    if other:
        found["convert -q, times that"] = found["convert -q"] / found[other]
    return found


def growth(scratch: Path) -> dict[str, dict[str, float]]:
    """What a stage costs, in millions of instructions, by the number of stages."""
    names = {number: scratch / f"{number}.xml" for number in PAIR}
    for number, name in names.items():
        name.write_text(many(number))
        convert = ["convert", str(name), "-o", str(name.with_suffix(".cfg")), "-q"]
        program = [sys.executable, "-c", "from converter.cli import main; main()"]
        subprocess.run([*program, *convert], check=True)
    found = {}
    for kind in ("convert", "page", "verify"):
        each = {n: price(ours(kind), [str(name)]) / n / 1e6 for n, name in names.items()}
        few, most = (each[n] for n in PAIR)
        found[kind] = {**{f"among {n:,}": cost for n, cost in each.items()}, "times": most / few}
    return found


def table(results: dict[str, object], indent: int = 0) -> None:
    for name, value in results.items():
        if isinstance(value, dict):
            print(f"{'  ' * indent}{name}")
            table(value, indent + 1)
        else:
            print(f"{'  ' * indent}{name:<{36 - 2 * indent}} {value:>12,.3f}")


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="+", metavar="DIRECTORY")
    parser.add_argument("--files", type=int, default=12)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--peer", default="", metavar="COMMAND")
    parser.add_argument("--start", default="", metavar="COMMAND")
    parser.add_argument("--no-growth", action="store_true", help="leave out what takes longest")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.paths)
        return
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        files = chosen(Path(options.paths[0]), options.files, scratch)
        each = over_files(files, options.peer)
        parse = each["minidom"]
        results: dict[str, object] = {
            "files": float(len(files)),
            "millions of instructions a file": each,
            "times minidom's parse": {n: c / parse for n, c in each.items() if n != "minidom"},
            "start-up, millions of instructions": start_up(scratch, options.start),
        }
        if not options.no_growth:
            results["a stage, millions of instructions"] = growth(scratch)
    table(results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
