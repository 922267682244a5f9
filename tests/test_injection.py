"""What a file says is never a command, an option, a key or a section where it is launched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.errors import ConversionError
from converter.findings.settings import TAGS
from converter.poms.escape import PLACES, is_harmless, place_of
from converter.poms.readback import WriterError, check
from converter.poms.reader import read_cfg, resolve, stage_names
from converter.verify.campaign.fife_launch import shell_command
from tests import corpus, programs
from tests.projects import GEN, Converted
from tests.strategies import documents

HOSTILE = (
    *("$(touch canary)", "`touch canary`", "a;touch canary", "a&touch canary", "a|touch canary"),
    *("a>canary", "a>>canary;", "<canary", "a\ntouch canary\n", "a';touch canary;'"),
    *('a";touch canary;"', "a\\';touch canary;\\'", "a\\", "'", '"', "--evil=1", "-Gevil"),
    *("a --evil -Gevil", "a' --evil '", "${X:=evil}", "$HOME", "*", "~", "{a,b}", "#evil", "!1"),
    *("[evil]", "a=b", "%(group)s", "%", "True", "--", "file:///evil", "(a)", "$((1+1))"),
    *("a\n[evil]\nb = 1", "x\r\n[evil]", "a\u2028[evil]", "EOF", "a\nEOF\ntouch canary"),
)
"""What a shell, an option parser or ConfigParser could take for its own."""

IN_STAGE = (
    *("<exe>{}</exe>", "<fcl>a.fcl<exe>{0}</exe></fcl><fcl>b.fcl<exe>{0}</exe></fcl>"),
    *("<args>{}</args>", "<output>{}</output>", "<TFileName>{}</TFileName>", "<fcl>{}</fcl>"),
    "<fcl>a.fcl<output>{0}</output></fcl><fcl>b.fcl<output>{0}</output></fcl><check>1</check>",
    *("<check>1</check><output>{}</output>", "<check>1</check><TFileName>{}.root</TFileName>"),
    *("<outdir>{}</outdir>", "<outdir>/pnfs/{}</outdir>", "<logdir>/pnfs/{}</logdir>"),
    *("<jobsub>{}</jobsub>", "<jobsub>-e X={}</jobsub>", "<jobsub>-e {}</jobsub>"),
    *("<jobsub>--lines={}</jobsub>", "<jobsub>-f {}</jobsub>", "<jobsub>-f{}</jobsub>"),
    *("<jobsub>-d {0} {0}</jobsub>", "<jobsub>--email-to={}</jobsub>", "<jobsub>-r{}</jobsub>"),
    *("<jobsub>--role={}</jobsub>", "<jobsub>-c {}</jobsub>", "<lines>{}</lines>"),
    *("<site>{}</site>", "<blacklist>{}</blacklist>", "<resource>{}</resource>"),
    *("<disk>{}</disk>", "<batchname>{}</batchname>", "<submitscript>{}</submitscript>"),
    *("<initscript>{}</initscript>", "<initscript>/x/{}</initscript>", "<endscript>{}</endscript>"),
    *("<initsource>{}</initsource>", "<initsource>/x/{}</initsource>"),
    *("<inputdef>{}</inputdef>", "<inputdef>d</inputdef><schema>{}</schema>"),
    *("<inputfile>{}</inputfile>", "<inputlist>/x/{}</inputlist>"),
    *("<datafiletypes>{},root</datafiletypes>", "<defname>{}</defname>", "<datatier>{}</datatier>"),
    "<check>1</check><copy>1</copy><datatier>{}</datatier>",
    *("<fcl>a.fcl<processname>{}</processname></fcl>", "<fcl>a.fcl<version>{}</version></fcl>"),
    "<inputdef>d</inputdef><fcl>a.fcl<processname>{}</processname></fcl>",
    "<inputdef>d</inputdef><basedef>{}</basedef><recurtype>snapshot</recurtype>"
    "<recurlimit>5</recurlimit>",
)
IN_PROJECT = (
    *("<os>{}</os>", "<role>{}</role>", "<ups>{}</ups>", "<filetype>{}</filetype>"),
    *("<runtype>{}</runtype>", "<version>{}</version>", "<fcldir>{}</fcldir>"),
    *("<fcldir>/cvmfs/{}</fcldir>", "<filetype>x</filetype><parameter name='N'>{}</parameter>"),
    *("<larsoft><tag>{}</tag></larsoft>", "<larsoft><qual>{}</qual></larsoft>"),
    *("<larsoft><local>{}</local></larsoft>", "<larsoft><local>/x/{}.tar</local></larsoft>"),
)
ALL = (*IN_STAGE, *IN_PROJECT, "@project", "@stage", "entity")


def document(place: str, value: str) -> bytes:
    """A project of two stages, of which the first (or the project) has the value in a place."""
    text = escape(value, {"\n": "&#10;", "\r": "&#13;", '"': "&quot;"})
    doctype, project, stage, names = "", "", "", {"@project": "p", "@stage": "s"}
    if place in names:
        names[place] = text
    elif place == "entity":
        quoted = text.replace("&", "&#38;").replace("%", "&#37;")
        doctype, stage = f'<!DOCTYPE p [<!ENTITY e "{quoted}">]>', "<args>x&e;</args><exe>&e;</exe>"
    elif place in IN_STAGE:
        stage = place.format(text)
    else:
        project = place.format(text)
    own = stage if "<outdir>" in stage else f"{stage}<outdir>/pnfs/dune/o</outdir>"
    own = own if "<fcl>" in own else f"<fcl>gen.fcl</fcl>{own}"
    return (
        f'{doctype}<project name="{names["@project"]}"><numevents>100</numevents>'
        f"<larsoft><tag>v09</tag><qual>e26:prof</qual></larsoft>{project}"
        f'<stage name="{names["@stage"]}"><workdir>/w</workdir>{own}</stage>'
        f'<stage name="later">{GEN}<numjobs>3</numjobs></stage></project>'
    ).encode()


STUB = 'jobsub_submit() { printf "%s\\0" "$@" >> "$RECORD"; printf "\\n" >> "$RECORD"; }\n'
"""A jobsub_submit that writes down its words."""
BASH = shutil.which("bash") or "bash"


def launched(text: str, stage: str, folder: Path) -> list[str]:
    """The words that jobsub_submit gets from a real shell, which has nothing else to do."""
    where = folder / "cwd"
    where.mkdir(exist_ok=True)
    record = folder / "record"
    record.unlink(missing_ok=True)
    done = subprocess.run(
        [BASH, "-c", STUB + shell_command(resolve(text, stage), 1)],
        cwd=where,
        env={"PATH": str(where), "RECORD": str(record), "HOME": "/evil", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, os.listdir(where)) == ("", "", [])
    *words, end = record.read_bytes().decode().split("\0")
    assert end == "\n"
    return words


def options(words: list[str]) -> list[str]:
    """The options for jobsub_submit, without their values."""
    at = next(n for n, word in enumerate(words) if word.startswith("file:///"))
    before = words[:at]
    return [
        re.sub(r"=.*", "", word, flags=re.DOTALL)
        for word, previous in zip(before, ["", *before[:-1]])
        if word.startswith("-") and not re.fullmatch("-[a-zA-Z]", previous)
    ]


def safe(data: bytes, folder: Path) -> None:
    try:
        converted = Converted(data, stage="later").conversion
    except ConversionError:
        return  # refused, with a clear message
    (campaign,) = converted.campaigns
    config = read_cfg(campaign.cfg, "c.cfg")
    known = {"later", "generator", "from_sam", "from_list", "declared", "substages"}
    assert "evil" not in config.sections
    assert len(set(stage_names(config)) - known) <= 1
    for name in set(stage_names(config)) - known | {"later"}:
        words = launched(campaign.cfg, name, folder)
        assert not {"--evil", "-Gevil"} & set(options(words))
        assert words.count("-G") == 1
    ini = ConfigParser(interpolation=None)
    ini.read_string(campaign.ini)
    kinds = {"campaign", "campaign_defaults", "campaign_stage", "dependencies", "job_type"}
    assert {section.split(" ")[0] for section in ini.sections()} <= {*kinds, "login_setup"}
    launch_is_plain(campaign.ini)
    for step in converted.report.checklist:
        if step.command is not None:
            assert commands(step.command) == 1, step.command


def launch_is_plain(text: str) -> None:
    """POMS writes dataset and version into the launch command, which a shell reads."""
    ini = ConfigParser(interpolation=None)
    ini.read_string(text)
    for section in ini.sections():
        values = ini[section]
        written = [v for _, v in json.loads(values.get("param_overrides", "[]"))]
        written += [v for _, v in json.loads(values.get("parameters", "[]"))]
        if "%(version)s" in text:
            written.append(values.get("software_version", ""))
        written.append(values.get("dataset_or_split_data", ""))
        for value in written:
            command = value.replace("$UPLOADS", "").replace("%(", "").replace(")s", "")
            assert commands(f"echo {command}") == 1, value


def commands(text: str) -> int:
    """How many simple commands a shell finds in a line; many where it would expand something."""
    bare = _QUOTED.sub("_", text)
    if re.search(r"[$`'\"]", bare):
        return 99
    return 1 + len(re.findall(r"[();<>|&\n]+", bare))


_QUOTED = re.compile(
    r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"[^"$`\\]*"|\\.|\$UPLOADS\b|\$USER\b""", re.DOTALL
)
"""What a shell takes as it is, and variables that are meant."""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a 'b; c' \"d|e\" f\\;g $UPLOADS/x $'\\'; y'", 1),
        ("""a ''"'"'$'""", 1),
        ("a; b && c", 3),
        ("a\nb", 2),
        ("a $(b)", 99),
        ('a "`b`"', 99),
        ("a $UPLOADSX", 99),
        ("a 'b", 99),
    ],
)
def test_commands_are_counted(text: str, number: int) -> None:
    assert commands(text) == number


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("launch")


@pytest.mark.parametrize(("number", "place"), list(enumerate(ALL)))
def test_notorious_values_everywhere(number: int, place: str, folder: Path) -> None:
    for value in HOSTILE[number % 4 :: 4]:
        safe(document(place, value), folder)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(ALL),
    st.text("ab '\"\\$`;&|*?()<>{}[]#!~%=:,-\n\t", min_size=1, max_size=12)
    | st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
)
def test_any_value_everywhere(folder: Path, place: str, value: str) -> None:
    safe(document(place, value), folder)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_every_key_has_a_place_and_every_value_is_harmless_there(data: bytes) -> None:
    try:
        conversion = Converted(data).conversion
    except (ConversionError, KeyError):
        return
    for campaign in conversion.campaigns:
        config = read_cfg(campaign.cfg, "c.cfg")
        for stage in stage_names(config):
            for section, values in resolve(config, stage).items():
                for key, value in values.items():
                    assert is_harmless(section, key, value), (section, key, value)


def test_the_table_of_places_is_total() -> None:
    named = {tag for place in PLACES for tag in place.settings} - {""}
    assert named - {"@name"} <= TAGS
    for place in PLACES:
        assert place.launch in ("bare", "double", "single", "encoded", "command", "")
        for key in place.keys or ("anything",):
            assert place_of(place.section, key) is place
            assert place_of(f"{place.section}_1", f"{key}_12") is place


@pytest.mark.parametrize(
    ("section", "key", "value", "harmless"),
    [
        ("executable", "name", "lar", True),
        ("executable", "name", r"\$X/lar", True),
        ("executable", "name", "$X/lar", False),
        ("executable", "arg_3", "-n '$(((PROCESS+1)*2/3))'", True),
        ("executable", "arg_3", "-n $((1))", False),
        ("submit", "lines_2", "'+A=\"b c\"'", True),
        ("submit", "lines_2", '+A="b"', False),
        ("submit", "f_1", "a;b", False),
        ("submit", "f_1", "a\nb", False),
        ("env_pass", "X", "$X", True),
        ("env_pass", "X", "$(x)", False),
        ("env_pass", "X", '"; x; "', False),
        ("job_output_1", "dest", "a'\\''b", True),
        ("job_output_1", "dest", "a'b", False),
        ("job_setup", "prescript_7", "x; y > z", True),
    ],
)
def test_what_is_harmless(section: str, key: str, value: str, harmless: bool) -> None:
    assert is_harmless(section, key, value) is harmless


@pytest.mark.parametrize(
    ("place", "value", "name", "run"),
    [
        ("<exe>{}</exe>", "lar", "lar", None),
        ("<exe>{}</exe>", "$MY/lar", r"\$MY/lar", None),
        ("<exe>{}</exe>", "$(touch x)", "./run_lar.sh", "'$(touch x)' \"$@\""),
        ("<exe>{}</exe>", "a;b", "./run_lar.sh", "'a;b' \"$@\""),
        ("<exe>{}</exe>", "a=b", "./run_lar.sh", "'a=b' \"$@\""),
        ("<exe>{}</exe>", "time", "./run_lar.sh", "'time' \"$@\""),
        ("<exe>{}</exe>", "}", "./run_lar.sh", "'}' \"$@\""),
        ("<initscript>{}</initscript>", "if x", "./run_lar.sh", "'if' x || exit"),
        ("<args>{}</args>", "-a ; touch x", "./run_lar.sh", "lar \"$@\" -a ';' touch x"),
        ("<args>{}</args>", "-a 'b c'", "./run_lar.sh", "lar \"$@\" -a 'b c'"),
        ("<args>{}</args>", "-- x", "./run_lar.sh", 'lar "$@" -- x'),
        # A backslash less, and project.py's job has no command there.
        ("<args>{}</args>", "\\\\`id`", "./run_lar.sh", "lar \"$@\" '\\\\`id`'"),
    ],
)
def test_a_word_is_the_same_word_in_the_job(
    place: str, value: str, name: str, run: str | None
) -> None:
    converted = Converted(document(place, value))
    assert converted["executable", "name"] == name
    assert run is None or run in converted.prescripts


def test_variables_of_the_job_stay_the_job_s() -> None:
    converted = Converted(document("<jobsub>{}</jobsub>", "-e X=$CONDOR_DIR_INPUT/a"))
    assert converted["env_pass", "X"] == r"\$CONDOR_DIR_INPUT/a"
    converted = Converted(document("<jobsub>{}</jobsub>", "-e X"))
    assert converted["env_pass", "X"] == "$X"


def test_a_value_that_a_shell_would_run_is_a_defect_of_this_program() -> None:
    from converter.poms.config import CampaignConfig, StageConfig
    from converter.text import Text

    config = StageConfig("s", ())
    config.set("executable", "name", Text("$(touch x)"))
    text = "[global]\n[executable]\nname = $(touch x)\n[stage_s]\n"
    with pytest.raises(WriterError, match=r"executable\.name"):
        check(text, CampaignConfig({}, (), [config]))


@corpus.needs_programs
@pytest.mark.long
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("place", ALL)
def test_the_real_launch_is_as_plain(place: str, tmp_path: Path) -> None:
    for value in HOSTILE[::3]:
        try:
            conversion = Converted(document(place, value), stage="later").conversion
        except ConversionError:
            continue
        file = programs.put(conversion.campaigns[0], tmp_path)
        (name,) = set(stage_names(read_cfg(file.read_text(), "c.cfg"))) - {
            *("later", "generator", "from_sam", "from_list", "declared", "substages")
        } or {"later"}
        real = programs.Launcher(file).launch(name)
        assert not {"launch", "shell"} & set(real["errors"]), (value, real["errors"])
        words = launched(file.read_text(), name, tmp_path)
        assert options(real["jobsub_argv"]) == options(words)
        assert not {"--evil", "-Gevil"} & set(options(words))
