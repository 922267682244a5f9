"""The checklist as a script: each step once, in order, safe to repeat, and stopping in time."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.conversion import convert_bytes
from converter.errors import ConversionError
from converter.findings.catalogue import CATALOGUE
from converter.report.checklist import PARTS
from converter.report.todo import Todo, as_script, holds_back, is_untouched, todos
from tests import corpus
from tests.commandline import here, run
from tests.projects import stage, xml
from tests.stubs import Stubs

__all__ = ["here"]

RAW = "<inputdef>raw</inputdef>"
LIMITED = f"{RAW}<numjobs>5</numjobs><maxfilesperjob>2</maxfilesperjob>"
PRODUCTION = "<role>Production</role>"
TIB = 2**40


def script(data: bytes, *words: str) -> Path:
    """The script of a document, as `convert` writes it."""
    Path("p.xml").write_bytes(data)
    command = ["p.xml", "-o", "c.cfg", "--todo", "todo.sh", "--experiment", "dune", "-q", *words]
    assert run(*command) == 0
    return Path("todo.sh")


def sections(path: Path) -> dict[str, list[str]]:
    """The steps of each section, without the campaigns."""
    found: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line.endswith("() {") and line[:-4] in PARTS:
            own = found.setdefault(line[:-4], [])
        elif line.startswith("    step "):
            own.append(line.split(maxsplit=2)[2])
    return found


def test_the_sections_come_in_the_order_of_the_work(here: Path) -> None:
    assert sections(script(xml(RAW))) == {
        "credentials": ["token dune analysis", "proxy dune analysis"],
        "uploads": ["upload dune analysis c.cfg"],
        "definitions": [],
        "prestaging": ["prestage dune raw None"],
        "campaigns": ["campaign dune analysis c.ini", "split dune analysis p s raw None dune"],
        "tests": ["test dune analysis p s"],
        "launches": ["launch dune analysis p s"],
        "optional": [],
    }


def test_what_two_projects_need_is_done_once(here: Path) -> None:
    one, other = xml(RAW, name="a").decode(), xml(RAW, name="b").decode()
    found = sections(script(f"<job>{one}{other}</job>".encode()))
    assert found["prestaging"] == ["prestage dune raw None"]
    assert found["credentials"] == ["token dune analysis", "proxy dune analysis"]
    assert len(found["campaigns"]) == 4, "each campaign before any launch"


def test_a_dataset_is_defined_unasked_only_where_a_campaign_reads_it_first(here: Path) -> None:
    drain = "<recurdef>raw_p</recurdef><recurtype>consumed</recurtype><recur>1</recur>"
    made = "<defname>mine</defname><datatier>raw</datatier>"
    found = sections(script(xml(RAW + drain + made)))
    assert [line.split()[2] for line in found["definitions"]] == ["raw_p"]
    assert [line.split()[2] for line in found["optional"]] == ["mine"]


def test_a_dataset_that_nobody_here_can_define_has_to_exist(here: Path) -> None:
    drain = "<inputdef>raw</inputdef><recurtype>consumed</recurtype><recur>1</recur>"
    path, stubs = script(xml(drain)), Stubs(here)
    assert sections(path)["definitions"] == ["exists dune 'samweb describe-definition raw'"]
    done = stubs.run(path, "definitions")
    assert done.returncode == 3
    assert "missing: raw: somebody who knows" in done.stderr
    (here / "stubs" / "dune-raw").touch()
    assert stubs.run(path, "definitions").returncode == 0


def test_it_runs_and_runs_again(here: Path) -> None:
    """Twice: the second time nothing is defined or launched anew."""
    path, stubs = script(xml(RAW)), Stubs(here)
    done = stubs.run(path, "credentials", "uploads", "prestaging", "campaigns", "tests", "launches")
    assert done.returncode == 0, done.stderr
    assert stubs.calls == [
        "upload_file --experiment dune --poms_role analysis --vaulttoken",
        "upload_file --experiment dune --poms_role analysis --proxy",
        "poms_client upload_file dune analysis c.cfg",
        "samweb -e dune list-files --summary defname: raw",
        "samweb -e dune prestage-dataset --defname=raw",
        "poms_client upload_wf dune analysis c.ini",
        "samweb -e dune list-files --summary defname: raw",
        "poms_client launch_campaign_stage_jobs dune analysis test",
        "poms_client launch_campaign_stage_jobs dune analysis all",
    ]
    again = stubs.run(path, "campaigns", "tests", "launches")
    assert again.returncode == 0, again.stderr
    assert not [call for call in stubs.calls if "launch_campaign" in call]
    assert again.stdout.count("launched already") == 2


def test_unasked_it_stops_before_the_tests(here: Path) -> None:
    path, stubs = script(xml(RAW)), Stubs(here)
    done = stubs.run(path)
    assert done.returncode == 0
    assert not [call for call in stubs.calls if "launch_campaign" in call]
    assert f"bash {path} tests" in done.stdout


def test_dry_run_does_nothing(here: Path) -> None:
    path, stubs = script(xml(RAW)), Stubs(here)
    done = stubs.run(path, "--dry-run", *PARTS)
    assert done.returncode == 0, done.stderr
    assert stubs.calls == []
    assert "+ samweb -e dune prestage-dataset --defname=raw" in done.stdout
    assert "+ poms launch dune analysis p s" in done.stdout


def test_a_definition_that_is_there_is_left_alone(here: Path) -> None:
    made = "<defname>mine</defname><datatier>raw</datatier>"
    path, stubs = script(xml(made, "<filetype>mc</filetype>")), Stubs(here)
    assert stubs.run(path, "optional").returncode == 0
    first = stubs.calls
    assert first[0] == "samweb -e dune describe-definition mine"
    assert first[1].startswith("samweb create-definition mine file_type mc and data_tier raw")
    assert stubs.run(path, "optional").returncode == 0
    assert stubs.calls == first[:1]


def test_a_dataset_is_no_option(here: Path) -> None:
    read = "<inputdef>-n</inputdef><numjobs>2</numjobs><maxfilesperjob>3</maxfilesperjob>"
    made = "<datatier>gen</datatier><defname>--help</defname>"
    data = xml(made, "<filetype>mc</filetype>", stage("t", read))
    path, stubs = script(data), Stubs(here)
    assert stubs.run(path, "prestaging", "optional").returncode == 0
    named = [call for call in stubs.calls if "-definition" in call]
    assert len(named) >= 3
    assert all(re.search("-definition -- (--help|-n_first_6)( |$)", call) for call in named)


def test_it_stops_at_a_placeholder(here: Path) -> None:
    """With the name of what is missing, and where it would come from."""
    made = "<defname>mine</defname><datatier>raw</datatier>"
    path, stubs = script(xml(made)), Stubs(here)
    done = stubs.run(path, "optional")
    assert done.returncode == 3
    assert "missing: FILE_TYPE: what <filetype> of project p would say" in done.stderr
    assert stubs.calls == []
    path.write_text(path.read_text().replace('"file_type FILE_TYPE', '"file_type mc'))
    assert stubs.run(path, "optional").returncode == 0


def test_dry_run_names_all_that_is_missing(here: Path) -> None:
    made = stage("t", "<defname>b</defname><datatier>raw</datatier>")
    path = script(xml(f"{RAW}<defname>a</defname><datatier>raw</datatier>", "", made))
    done = Stubs(here).run(path, "--dry-run", "optional")
    assert done.returncode == 3
    assert done.stderr.count("missing: FILE_TYPE") == 2


def test_a_file_that_is_not_there_stops_it(here: Path) -> None:
    path, stubs = script(xml("<inputlist>my.list</inputlist>")), Stubs(here)
    done = stubs.run(path, "uploads")
    assert done.returncode == 3
    assert "missing: my.list" in done.stderr
    Path("my.list").touch()
    assert stubs.run(path, "uploads").returncode == 0
    assert "poms_client upload_file dune analysis my.list" in stubs.calls


@pytest.mark.parametrize(
    ("settings", "size", "datasets", "split"),
    [
        (RAW, TIB, ["raw"], []),
        (
            RAW,
            2 * TIB + 1,
            ["raw_slice0_of_3", "raw_slice1_of_3", "raw_slice2_of_3"],
            ["dataset=raw cs_split_type=mod(3) test_split_type=None"],
        ),
        (
            LIMITED,
            1,
            ["raw_first_10"],
            [],
        ),
        (
            LIMITED,
            2 * TIB,
            ["raw_first_10_slice0_of_2", "raw_first_10_slice1_of_2"],
            ["dataset=raw_first_10 cs_split_type=mod(2) test_split_type=None"],
        ),
        (
            RAW
            + "<recurdef>raw_p</recurdef><recurtype>snapshot</recurtype><recurlimit>7</recurlimit>"
            "<recur>1</recur>",
            2 * TIB,
            ["raw_first_7_slice0_of_2", "raw_first_7_slice1_of_2"],
            ["dataset=raw cs_split_type=drainingn(7) test_split_type=None"],
        ),
    ],
    ids=["small", "large", "limited", "limited and large", "draining"],
)
def test_large_inputs_are_prestaged_in_slices(
    here: Path, settings: str, size: int, datasets: list[str], split: list[str]
) -> None:
    """Of at most 1 TiB each; POMS takes the same slices, one at each launch."""
    path, stubs = script(xml(settings)), Stubs(here, size=size)
    done = stubs.run(path, "prestaging", "campaigns")
    assert done.returncode == 0, done.stderr
    calls = stubs.calls
    staged = [call.partition("--defname=")[2] for call in calls if "prestage-dataset" in call]
    assert staged == datasets
    updates = [call for call in calls if "update_campaign_stage" in call]
    assert [call.split(maxsplit=4)[4] for call in updates] == split
    for dataset in datasets:
        assert dataset == "raw" or (here / "stubs" / f"dune-{dataset}").exists()


FED = (
    b"<job>"
    + xml("<defname>made</defname>", name="a")
    + xml(f"{LIMITED.replace('raw', 'made')}", PRODUCTION, name="b")
    + b"</job>"
)
"""Two campaigns, since they are of different roles; the second one reads what the first makes."""


def test_what_another_campaign_makes_is_waited_for(here: Path) -> None:
    """Neither brought to disk nor read before it has files."""
    path, stubs = script(FED), Stubs(here, FILES="0", size=0)
    done = stubs.run(path, "prestaging", "tests", "launches")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("dataset made has no files yet: repeat this when it has") == 3
    calls = stubs.calls
    assert not [call for call in calls if "prestage" in call]
    assert sum("launch_campaign" in call for call in calls) == 2, "those of the first one"
    stubs.environment.update(FILES="7", SIZE="1")
    assert stubs.run(path, "prestaging", "launches").returncode == 0
    calls = stubs.calls
    assert [call for call in calls if "prestage" in call]
    assert [call for call in calls if "launch_campaign" in call] == [
        "poms_client launch_campaign_stage_jobs dune production all"
    ]


GONE = "<inputlist>/dune/data2/users/me/my.list</inputlist>"


def test_what_is_blocked_is_not_launched(here: Path) -> None:
    """And the script says so: before, and where it would have."""
    one, other = xml(GONE, name="a").decode(), xml(name="b").decode()
    Path("xml").mkdir()
    Path("xml/a.xml").write_text(one)
    Path("xml/b.xml").write_text(other)
    command = ["migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1"]
    assert run(*command) == 0
    path, stubs = Path("out/todo.sh"), Stubs(here)
    assert "blocked, and not launched: 1;" in stubs.run(path, "--dry-run").stdout
    done = stubs.run(path, "launches")
    assert done.returncode == 0, done.stderr
    assert "not launched: a is blocked by X2P432: mend or accept it" in done.stdout
    assert sum("launch_campaign" in call for call in stubs.calls) == 1
    assert "not launched: p is blocked" in stubs.run(script(xml(GONE)), "tests").stdout
    accepted = "[old]\ncode = X2P432\nreason = it is still there\n"
    Path("xml/waivers.cfg").write_text(accepted)
    assert run(*command) == 0
    assert "not launched" not in stubs.run(path, "launches").stdout


@pytest.mark.parametrize("blocking", ["X2P411", "X2P412", "X2P805", "X2P821", "X2P824"])
def test_what_the_script_sees_to_itself_does_not_hold_it_back(blocking: str) -> None:
    assert CATALOGUE[blocking].need == "block"
    assert not holds_back(blocking, "block")


def test_only_some_campaigns(here: Path) -> None:
    one, other = xml(RAW, name="a").decode(), xml(RAW, name="b").decode()
    path, stubs = script(f"<job>{one}{other}</job>".encode()), Stubs(here)
    assert stubs.run(path, "--campaign", "b", "campaigns", "prestaging").returncode == 0
    calls = stubs.calls
    assert [call for call in calls if "upload_wf" in call] == [
        "poms_client upload_wf dune analysis c-b.ini"
    ]
    assert "samweb -e dune prestage-dataset --defname=raw" in calls


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("OK", 0, ""),
        (["Warning: JobType 'x' already exists and will not change."], 0, ""),
        (["Error: JobType 'x' not found! Campaign is incomplete!"], 1, "JobType 'x' not found"),
    ],
)
def test_what_poms_says_of_an_upload(here: Path, answer: object, code: int, said: str) -> None:
    path = script(xml())
    told = json.dumps({"status": "201 Created", "message": answer})
    done = Stubs(here, ANSWER=told).run(path, "campaigns")
    assert done.returncode == code
    assert said in done.stderr
    assert ("stopped at: campaign dune analysis c.ini" in done.stderr) is (code == 1)


@pytest.mark.parametrize(
    ("variable", "said"),
    [("NO_TOKEN", "do section credentials"), ("NO_CAMPAIGN", "do section campaigns")],
)
def test_a_launch_that_cannot_be(here: Path, variable: str, said: str) -> None:
    done = Stubs(here, **{variable: "1"}).run(script(xml()), "launches")
    assert done.returncode == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    "words", [["--dryrun"], ["lunches"], ["--campaign"], ["--campaign", "nobody"]]
)
def test_another_command_line_is_needed(here: Path, words: list[str]) -> None:
    done = Stubs(here).run(script(xml()), *words, *(["--dry-run"] if len(words) > 1 else []))
    assert done.returncode == 2
    assert done.stderr.strip()


def test_help(here: Path) -> None:
    done = Stubs(here).run(script(xml()), "--help")
    assert done.returncode == 0
    assert "--dry-run" in done.stdout
    assert "set -e" not in done.stdout


def test_a_script_that_somebody_edited_is_not_replaced(here: Path) -> None:
    path = script(xml())
    path.write_text(path.read_text() + "# mine\n")
    command = ["p.xml", "-o", "c.cfg", "--todo", "todo.sh", "--experiment", "dune", "-q"]
    assert run(*command) == 4
    assert run(*command, "--force") == 0


def test_it_lies_elsewhere(here: Path) -> None:
    Path("p.xml").write_bytes(xml())
    Path("sub").mkdir()
    command = ["p.xml", "-o", "c.cfg", "--todo", "sub/todo.sh", "--experiment", "dune", "-q"]
    assert run(*command) == 0
    stubs = Stubs(here)
    assert stubs.run(Path("sub/todo.sh"), "uploads").returncode == 0
    assert stubs.calls == ["poms_client upload_file dune analysis ../c.cfg"]


def test_one_for_a_migration(here: Path) -> None:
    """Steps that several files have in common are done once, for whoever needs them."""
    for name in ("a", "b"):
        Path("xml", name).mkdir(parents=True)
        Path("xml", name, f"{name}.xml").write_bytes(xml(RAW, name=name))
    command = ["migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1"]
    assert run(*command) == 0
    path, stubs = Path("out/todo.sh"), Stubs(here)
    assert sections(path)["uploads"] == [
        "upload dune analysis a/a_a.cfg",
        "upload dune analysis b/b_b.cfg",
    ]
    assert len(sections(path)["prestaging"]) == 1
    done = stubs.run(path, "--campaign", "b_b", *PARTS)
    assert done.returncode == 0, done.stderr
    calls = stubs.calls
    assert not [call for call in calls if "a_a" in call]
    assert "upload_file --experiment dune --poms_role analysis --vaulttoken" in calls
    assert "samweb -e dune prestage-dataset --defname=raw" in calls
    before = path.read_bytes()
    assert run(*command) == 0
    assert path.read_bytes() == before
    path.write_bytes(before + b"# mine\n")
    assert run(*command) == 4
    assert run(*command, "--force") == 0
    assert path.read_bytes() == before


def test_parts_are_the_same_in_a_migration(here: Path) -> None:
    drain = "<inputdef>raw</inputdef><recurtype>consumed</recurtype><recur>1</recur>"
    made = "<defname>mine</defname><datatier>raw</datatier>"
    Path("xml").mkdir()
    Path("xml/p.xml").write_bytes(xml(drain + made))
    command = ["migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1"]
    assert run(*command) == 0
    assert sections(Path("out/todo.sh")) == {
        part: [line.replace("c.cfg", "p.cfg").replace("c.ini", "p.ini") for line in lines]
        for part, lines in sections(script(xml(drain + made))).items()
    }


def test_the_bridge_in_a_migration_uploads_the_xml_from_where_it_is(here: Path) -> None:
    Path("xml/a").mkdir(parents=True)
    Path("xml/a/p.xml").write_bytes(xml())
    command = ["migrate", "xml", "-o", "out", "--experiment", "dune", "-q", "-j", "1"]
    assert run(*command, "--launcher", "project.py") == 0
    assert sections(Path("out/todo.sh"))["uploads"] == ["upload dune analysis ../xml/a/p.xml"]


WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=3), WORDS)
def test_any_words_stay_words(words: list[tuple[str, str]], about: str) -> None:
    """Whatever stands in names: one argument each, and nothing that a shell runs."""
    steps = [Todo("launches", pair, ("see", *pair)) for pair in words]
    text = "".join(as_script(steps, about))
    assert is_untouched(io.BytesIO(text.encode()))
    body = text.replace('    "do_$1" "${@:2}"\n', "    printf '%s\\0' \"${@:2}\"\n")
    done = subprocess.run(
        ["bash", "-c", body, "-", "launches"], capture_output=True, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    shown = b"== launches\n" if words else b""
    shown += b"".join(b"%s\0" % w.encode() for pair in words for w in pair)
    assert done.stdout == shown


@pytest.mark.parametrize("steps", [0, 1, 2000])
def test_an_edited_script_is_told(steps: int) -> None:
    """Wherever it is edited, and however long it is."""
    todo = [Todo("launches", [f"c{n}"], ("see", "x" * 20)) for n in range(steps)]
    data = "".join(as_script(todo, "a")).encode()
    assert is_untouched(io.BytesIO(data))
    assert is_untouched(io.BytesIO(data + b"\n"))
    for at in (0, len(data) // 2, len(data) - 100, len(data) - 3):
        edited = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert not is_untouched(io.BytesIO(edited)), at
    assert not is_untouched(io.BytesIO(data.rpartition(b"# xml2poms ")[0]))


def test_shellcheck_has_nothing_to_say(here: Path) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, script(xml(RAW))], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


@corpus.needs_corpus
def test_scripts_of_real_files_are_gone_through_to_the_end(here: Path) -> None:
    """By a real bash: whatever is missing is said, and nothing else."""
    steps = []
    for path in corpus.files()[::7]:
        with contextlib.suppress(ConversionError):
            steps += convert_bytes(path.read_bytes(), path.name).report.checklist
    path = Path("todo.sh")
    path.write_text("".join(as_script(todos(steps, {}), "real files")))
    done = Stubs(here).run(path, "--dry-run", *PARTS)
    assert done.returncode == 3
    assert {line.partition(": ")[0] for line in done.stderr.splitlines()} == {"missing"}
    assert done.stdout.count("+ poms launch ") > 100
