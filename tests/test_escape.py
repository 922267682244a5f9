"""Any value, through ConfigParser, real shells and jobsub_lite's layer, arrives unchanged."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from converter.poms.config import CampaignConfig, StageConfig
from converter.poms.escape import (
    env_value,
    executable_word,
    heredoc_line,
    is_executable_word,
    job_value,
    script_word,
    submit_value,
)
from converter.poms.factor import factor
from converter.poms.reader import resolve
from converter.poms.writer import write_cfg
from converter.text import Text

SHELL = settings(max_examples=60, deadline=None)
LINE = st.one_of(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cn")),
        min_size=1,
        max_size=12,
    ),
    st.text("ab '\"\\$`;&|*?()<>{}[]#!~%=:,", min_size=1, max_size=12).filter(
        lambda s: s == s.strip()
    ),
)
SPECIAL = ["it's", 'say "hi"', "a b", "$HOME", "100%", "a;b", "\\", "\\'", "'", "'x'", "%(x)s", "*"]


def jobsub_layer(word: str) -> str:
    """jobsub_lite's own backslash_escape_layer (lib/utils.py)."""
    word = re.sub(r"(?!\\)'(.*[^\\])'", "\\1", word)
    return re.sub(r"\\(.)", "\\1", word)


def bash(script: str, **env: str) -> str:
    done = subprocess.run(
        ["bash", "-f"],
        input=script,
        text=True,
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **env},
    )
    return done.stdout


def through_cfg(section: str, value: Text, key: str = "key") -> str:
    """What fife_launch reads of a value that was written to a file."""
    config = StageConfig("s", ())
    config.set("global", "stage", "s")
    config.set(section, key, value)
    macros = {"experiment": Text("dune"), "group": Text("dune"), "wrapper": Text("w")}
    text = write_cfg(factor(CampaignConfig(macros, (), [config])))
    return resolve(text, "s")[section][key]


@SHELL
@given(LINE)
@pytest.mark.parametrize("_", [0])
def test_submit(_: int, value: str) -> None:
    read = through_cfg("submit", submit_value(Text(value)))
    argument = bash(f"printf %s --key={read}")
    assert jobsub_layer(argument) == f"--key={value}"


@SHELL
@given(LINE)
def test_env_pass(value: str) -> None:
    read = through_cfg("env_pass", env_value(Text(value)))
    assert bash(f'export X="{read}"; printf %s "$X"') == value


@SHELL
@given(LINE)
def test_job_output(value: str) -> None:
    read = through_cfg("job_output", job_value(Text(value)))
    argument = jobsub_layer(bash(f"printf %s '{read}'"))
    assert bash(f"printf %s {argument}") == value


def test_job_output_leaves_variables_to_the_job() -> None:
    read = through_cfg("job_output", job_value(Text("/x y/${N}_$M"), variables=True))
    argument = jobsub_layer(bash(f"printf %s '{read}'"))
    assert bash(f"printf %s {argument}", N="1", M="2") == "/x y/1_2"


@SHELL
@given(st.text("ab/.%_-=", min_size=1), st.sampled_from(["", "${N}", "$N"]))
def test_executable(word: str, variable: str) -> None:
    assume(word + variable != "--")
    assert is_executable_word(word + variable)
    read = through_cfg("executable", executable_word(Text(word + variable)))
    argument = jobsub_layer(bash(f"printf %s {read}", N="launch"))
    assert bash(f"printf %s {argument}", N="7") == word + ("7" if variable else "")


@pytest.mark.parametrize("word", ["a b", 'a"b', "a;b", "`x`", "$(x)", "a'b", "*", "", "a\\b"])
def test_executable_words_with_special_characters_are_refused(word: str) -> None:
    assert not is_executable_word(word)
    with pytest.raises(ValueError, match="cannot stand"):
        executable_word(Text(word))


@SHELL
@given(LINE)
def test_heredoc(value: str) -> None:
    read = through_cfg("job_setup", heredoc_line(Text(value)), "prescript_1")
    assert bash(f"cat <<EOF_\n{read}\nEOF_\n") == value + "\n"


@SHELL
@given(LINE)
def test_script(value: str) -> None:
    assert bash(f"printf %s {script_word(Text(value))}") == value


@pytest.mark.parametrize("value", SPECIAL)
def test_all_places_with_notorious_values(value: str) -> None:
    argument = bash(f"printf %s {through_cfg('submit', submit_value(Text(value)))}")
    assert jobsub_layer(argument) == value
    argument = bash(f"printf %s '{through_cfg('job_output', job_value(Text(value)))}'")
    assert bash(f"printf %s {jobsub_layer(argument)}") == value


def test_macros_stay_macros_in_every_place() -> None:
    text = "a b/" + Text.named("user", "dunepro")
    for escape in (submit_value, env_value, job_value, heredoc_line, script_word):
        assert escape(text).names == ("user",)
