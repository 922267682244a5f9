"""The reader of a campaign.cfg against ConfigParser, used as fife_launch uses it, on any text."""

from __future__ import annotations

import configparser
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from converter.errors import CfgError, UsageError
from converter.poms.document import Document, merge, parse
from converter.poms.interpolation import Macros, is_storable
from converter.poms.reader import PROCESS, read_cfg, resolve, stage_sections
from tests.golden import SAMPLES

LAW = settings(max_examples=300, deadline=None)

# -- the sections of a text -------------------------------------------------------------------

SOME = "[a]|[b]|[DEFAULT]|[a|[]|[a]b]|# c|; c|| x = 1|x = 1|x=|= 1|y:z = 2|y: 2|Y = %(x)s|y|z == 3"
LINES = st.lists(
    st.sampled_from([*SOME.split("|"), "é = \xa0", "DEFAULT = 1", "x = 1\r", "  # d", "\t\x1c"])
    | st.text(st.characters(codec="utf-8"), max_size=12),
    max_size=12,
).map("\n".join) | st.lists(
    st.sampled_from(["[a]", "[b]", "y:z = 2", "y = 3", "# c"]), max_size=4
).map("\n".join)


def config_parser(text: str, key: object = str) -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.optionxform = key  # type: ignore[assignment]
    config.read_string(text)
    return config


@pytest.mark.parametrize("key", [str, str.lower])
@LAW
@given(text=LINES)
def test_any_text_has_the_sections_that_configparser_finds(text: str, key: type[str]) -> None:
    try:
        expected = config_parser(text, key)
    except configparser.Error as error:
        with pytest.raises(type(error)):
            parse(text, key=key)
        return
    found = parse(text, key=key)
    assert found.defaults == expected.defaults()
    assert list(found.sections) == expected.sections()
    for section in expected.sections():
        # In the same order, too: fife_launch writes them out so.
        assert list(found.items(section).items()) == expected.items(section, raw=True)


@LAW
@given(LINES, LINES)
def test_what_is_included_counts_as_configparser_counts_it(one: str, other: str) -> None:
    try:
        config = config_parser(one)
        config.read_string(other)
    except configparser.Error:
        return
    found = merge(parse(one), parse(other))
    assert {s: found.items(s) for s in found.sections} == {
        s: dict(config.items(s, raw=True)) for s in config.sections()
    }


@pytest.mark.parametrize(
    ("text", "sections", "defaults"),
    [
        ("", {}, {}),
        ("# c\n[a]\nx  = 1 = 2 # d\n\n[b]\n", {"a": {"x": "1 = 2 # d"}, "b": {}}, {}),
        ("[a]\nx =\n", {"a": {"x": ""}}, {}),
        ("[a]\nx = 1\n  2\n", {"a": {"x": "1\n2"}}, {}),
        ("[a]\nx: 1\n; y = 1\n", {"a": {"x": "1"}}, {}),
        ("[a]\nx:y = 1\n", {"a": {"x": "y = 1"}}, {}),
        ("[a]\n; y = 1\n", {"a": {}}, {}),
        ("[a]\nx = 1\n y = 2\n", {"a": {"x": "1\ny = 2"}}, {}),
        ("[a]\nx = 1\n# y = 1\n", {"a": {"x": "1"}}, {}),
        ("[a]\nx = 1\n[DEFAULT]\nx = 2\n", {"a": {"x": "1"}}, {"x": "2"}),
    ],
)
def test_texts(text: str, sections: dict[str, dict[str, str]], defaults: dict[str, str]) -> None:
    assert parse(text) == Document(sections, defaults)


@pytest.mark.parametrize("path", sorted((SAMPLES / "cfg").glob("*.cfg")), ids=lambda p: p.stem)
def test_what_is_written_here_is_read_the_short_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ConfigParser takes many times as long."""
    monkeypatch.delattr(configparser, "RawConfigParser")
    assert next(iter(parse(path.read_text()).sections)) == "global"


# -- macros -----------------------------------------------------------------------------------

NAMES = st.sampled_from("abcdef")
PIECES = st.lists(
    NAMES.map("%({})s".format)
    | st.sampled_from(["%%", "x", "-", "%", "%(a", "%(a)", "%()s", "$(%(b)s)", "%%%(c)s"]),
    max_size=4,
).map("".join)
GOOD = st.lists(NAMES.map("%({})s".format) | st.sampled_from(["%%", "x", "1"]), max_size=3)
VALUES = st.one_of(GOOD.map("".join), GOOD.map("".join), PIECES)


@LAW
@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES, min_size=1))
def test_macros_are_expanded_as_configparser_expands_them(
    macros: dict[str, str], keys: dict[str, str]
) -> None:
    config = config_parser("[s]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))
    known = Macros(macros, keys)
    for key, raw in keys.items():
        wanted = macros.get(key, raw)
        try:
            expected = config.get("s", key, vars=macros)
        except configparser.InterpolationError as error:
            event(type(error).__name__)
            with pytest.raises(type(error)) as raised:
                known.expand("s", key, wanted)
            assert (raised.value.section, raised.value.option) == ("s", key)
        else:
            assert known.expand("s", key, wanted) == expected


@pytest.mark.parametrize("length", range(7, 13))
@pytest.mark.parametrize("first", ["m0", "m3"])
def test_macros_within_macros_go_as_deep_as_configparser_goes(length: int, first: str) -> None:
    """Also where the deeper ones are known already."""
    macros = {f"m{n}": f"%(m{n + 1})s" for n in range(length)} | {f"m{length}": "%%"}
    text = "[s]\nfirst = %(" + first + ")s\nx = %(m0)s\n"
    config, known = config_parser(text), Macros(macros)
    for key in ("first", "x"):
        raw = config.get("s", key, raw=True)
        try:
            expected = config.get("s", key, vars=macros)
        except configparser.InterpolationDepthError:
            with pytest.raises(configparser.InterpolationDepthError):
                known.expand("s", key, raw)
        else:
            assert known.expand("s", key, raw) == expected


def test_macros_that_grow_endlessly_end() -> None:
    macros = {f"m{n}": f"%(m{n + 1})s" * 100 for n in range(9)} | {"m9": "%(empty)s", "empty": ""}
    assert Macros(macros).expand("s", "x", "%(m1)s") == ""
    with pytest.raises(CfgError, match="more than a million"):
        Macros(macros | {"m9": "x%%"}).expand("s", "x", "%(m1)s")


@LAW
@given(PIECES | st.text("%()sa", max_size=6))
def test_what_configparser_lets_one_set(value: str) -> None:
    config = config_parser("[s]\n")
    try:
        config.set("s", "x", value)
    except ValueError:
        assert not is_storable(value)
    else:
        assert is_storable(value)


# -- a stage ----------------------------------------------------------------------------------


def as_fife_launch(text: str, stage: str, overrides: Sequence[str]) -> dict[str, dict[str, str]]:
    """Step by step on one ConfigParser, in the order of fife_launch; any exception is a stop."""
    config = config_parser(text)
    dict(config.items("global"))
    for section in ("global", "submit", "executable"):
        if not config.has_section(section):
            config.add_section(section)

    def family(name: str) -> list[str]:
        try:
            parent = config.get(f"stage_{name}", "parent")
        except configparser.Error:
            parent = ""
        return [*(x for p in parent.split(",") if p for x in family(p)), name]

    for name in family(stage):
        for key, value in (
            config.items(f"stage_{name}", raw=True) if config.has_section(f"stage_{name}") else ()
        ):
            if key != "parent":
                section, option = key.split(".", 1)
                config.set(section, option, value)
    for override in overrides:
        place, value = override.split("=", 1)
        section, option = place.split(".", 1)
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, option, value)
    names = [f"arg_{n}" for n in range(1, 100)]
    words = [
        config.get("executable", a, raw=True) for a in names if config.has_option("executable", a)
    ]
    for number, name in enumerate(names):
        if number < len(words):
            config.set("executable", name, words[number])
        else:
            config.remove_option("executable", name)
    for variable in ("nthfile", "fname", "furi"):
        config.set("global", f"_{variable}", r"\\\\${" + variable + "}")
    config.set("global", "_uuid", r"\\\\${UUID}")
    config.set("global", "_process", PROCESS)
    macros = dict(config.items("global"))
    found: dict[str, dict[str, str]] = {}
    for section in config.sections():
        if section.startswith("stage_"):
            continue
        found[section] = {}
        for key, raw in config.items(section, raw=True):
            value = config.get(section, key, vars=macros)
            if raw and not value and section != "global":
                raise KeyError(key)
            found[section][key] = value
    return found


OPTIONS = st.sampled_from(["a", "b", "N", "x_1", "arg_1", "arg_2", "arg_7", "arg_07", "_process"])
CONTENTS = st.one_of(
    *[st.sampled_from(["1", "x y", "%(a)s", "%(b)s-%(_process)s", "%%", "%%%%a", ""])] * 3,
    VALUES,
)
PLACES = st.builds("{}.{}".format, st.sampled_from(["global", "submit", "executable"]), OPTIONS)
PLAIN_KEYS = st.builds("{} = {}".format, OPTIONS, CONTENTS)
STAGE_KEYS = st.builds("{} = {}".format, PLACES, CONTENTS) | st.sampled_from(
    ["parent = two", "parent = two,three", "parent = %(a)s", "foo.x = 1", "x = 1"]
)
STAGES = ("stage_one", "stage_two", "stage_three")


@st.composite
def cfg_texts(draw: st.DrawFn) -> str:
    lines = []
    for section in draw(st.permutations(["global", "submit", "executable", *STAGES, "foo"])):
        if section != "global" and not draw(st.integers(0, 3)):
            continue
        keys = STAGE_KEYS if section in STAGES else PLAIN_KEYS
        lines += [f"[{section}]", *draw(st.lists(keys, max_size=4))]
    if not draw(st.integers(0, 4)):
        keys = st.one_of(PLAIN_KEYS, PLAIN_KEYS, STAGE_KEYS)
        lines += ["[DEFAULT]", *draw(st.lists(keys, max_size=2))]
    return "\n".join([*lines, ""])


OVERRIDES = st.lists(
    st.builds(
        "{}={}".format, PLACES | st.sampled_from(["foo.a", "new.a", "stage_one.a"]), CONTENTS
    ),
    max_size=2,
)


@settings(max_examples=600, deadline=None)
@given(cfg_texts(), st.sampled_from(["one", "two", "none"]), OVERRIDES)
def test_a_stage_gets_what_fife_launch_gives_it(
    text: str, stage: str, overrides: list[str]
) -> None:
    try:
        expected = as_fife_launch(text, stage, overrides)
    except RecursionError:
        expected = None
    except (configparser.Error, ValueError, KeyError):
        expected = None
    event("stops" if expected is None else "launches")
    try:
        document = read_cfg(text, "c.cfg", overrides=overrides)
        found = resolve(document, stage, overrides)
    except (CfgError, configparser.Error):
        assert expected is None
        return
    assert found == expected
    assert [list(keys) for keys in found.values()] == [list(k) for k in (expected or {}).values()]
    # The document is as it was.
    assert read_cfg(text, "c.cfg", overrides=overrides) == document


def test_what_a_stage_does_not_change_is_the_documents_own() -> None:
    document = read_cfg("[global]\n[submit]\nN = 1\n[job_setup]\n[stage_a]\nsubmit.N = 2\n", "c")
    found = stage_sections(document, "a").sections
    assert found["job_setup"] is document.sections["job_setup"]
    assert (found["submit"]["N"], document.sections["submit"]["N"]) == ("2", "1")


# Seen with the real program.
INCLUDING = "[global]\nwhich = base\nincludes = %(which)s.cfg\n[submit]\n[executable]\n"
INCLUDED = {"base.cfg": "[submit]\ndisk = 7GB\n", "other.cfg": "[submit]\ndisk = 9GB\n"}


@pytest.mark.parametrize(
    ("overrides", "disk"),
    [
        ((), "7GB"),
        (("global.which=other",), "9GB"),
        (("global.includes=other.cfg",), "9GB"),
        (("submit.disk=1GB",), "1GB"),
    ],
)
def test_overrides_count_for_what_is_included(overrides: tuple[str, ...], disk: str) -> None:
    config = read_cfg(INCLUDING, "c.cfg", overrides=overrides, find=INCLUDED.get)
    assert resolve(config, "none", overrides)["submit"]["disk"] == disk


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[submit]\n", None, "no section [global]"),
        ("[submit]\n[global]\nincludes = %(x)s\n", 3, "uses %(x)s"),
        ("[global]\na = %(b)s\nb = %(a)s\n", 2, "goes round in circles"),
        ("[global]\na = b\nc\nd\n", 3, "a line that is no KEY = VALUE"),
        ("a = b\n[global]\n", 1, "text before the first [section]"),
        ("[global]\na = b\na = c\n", 3, "is given twice"),
        ("[global]\n[a]\n[a]\n", 3, "a second section [a]"),
    ],
)
def test_what_stops_fife_launch_is_refused(text: str, line: int | None, said: str) -> None:
    with pytest.raises(CfgError) as raised:
        read_cfg(text, "c.cfg")
    assert said in raised.value.message
    assert (raised.value.file, raised.value.line) == ("c.cfg", line)


def test_a_parent_that_cannot_be_expanded_is_none() -> None:
    text = "[global]\n[submit]\nN = 1\n[stage_x]\nparent = %(nobody)s\nsubmit.N = 3\n"
    assert resolve(text, "x")["submit"]["N"] == "3"


@pytest.mark.parametrize("override", ["N=1", "submit.N", "DEFAULT.x=1", ".x=1"])
def test_an_override_that_fife_launch_cannot_store_is_refused(override: str) -> None:
    with pytest.raises(UsageError, match=r"not of the form section\.key=value"):
        read_cfg("[global]\n", "c.cfg", overrides=[override])


@pytest.mark.parametrize("override", ["submit.x=50%", "global.x=50%"])
def test_a_percent_sign_alone_in_an_override_is_refused(override: str) -> None:
    with pytest.raises(CfgError, match="a percent sign alone"):
        resolve(read_cfg("[global]\n", "c.cfg", overrides=[override]), "x", [override])


@pytest.mark.parametrize(("value", "stored"), [("100%", False), ("100%%", True), ("5 % 2", False)])
def test_a_percent_sign_alone_in_a_stage_is_refused(value: str, stored: bool) -> None:
    text = f"[global]\n[submit]\n[stage_s]\nsubmit.x = {value}\n"
    if stored:
        assert resolve(text, "s")["submit"]["x"] == value.replace("%%", "%")
    else:
        with pytest.raises(CfgError, match="a percent sign alone"):
            resolve(text, "s")


@pytest.mark.parametrize(
    ("given", "anew"),
    [
        ("1", "1"),
        ("5", "1"),
        ("1 2 3", "1 2 3"),
        ("1 3", "1 2"),
        ("2 3 4", "1 2 3"),
        ("1 2 9", "1 2 3"),
        ("2 10 9", "1 3 2"),
        ("", ""),
    ],
)
def test_arguments_are_numbered_anew_without_gaps(given: str, anew: str) -> None:
    text = "[global]\n[executable]\n" + "".join(f"arg_{n} = v{n}\n" for n in given.split())
    found = resolve(text, "s")["executable"]
    assert found == {f"arg_{n}": f"v{m}" for n, m in zip(anew.split(), given.split())}


@pytest.mark.parametrize("key", ["arg_1", "arg_2", "arg_7"])
@pytest.mark.parametrize(
    ("value", "stored"), [("100%", False), ("100%%", True), ("-n %(n)s", True)]
)
def test_a_percent_sign_alone_in_an_argument_is_refused(key: str, value: str, stored: bool) -> None:
    """fife_launch numbers the arguments anew, and sets each for that."""
    text = f"[global]\nn = 1\n[executable]\nname = lar\n{key} = {value}\n[stage_s]\n"
    if stored:
        expected = value.replace("%%", "%").replace("%(n)s", "1")
        assert resolve(text, "s")["executable"]["arg_1"] == expected
    else:
        with pytest.raises(CfgError, match=rf"\[executable\] {key}: a percent sign alone"):
            resolve(text, "s")
