"""Hypothesis strategies: odd text, project.py documents, stage configurations."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from converter.findings.settings import TABLE, Tag
from converter.findings.settings.row import read_float, read_int
from converter.poms.config import CampaignConfig, Entry, StageConfig
from converter.poms.escape import job_value, submit_value
from converter.text import Text

XML_TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cs", "Cc", "Cn"),
        include_characters="\t\n",
    ),
    max_size=20,
)
"""Anything that can stand in an XML 1.0 document."""

ODD = st.sampled_from(
    [
        "gen",
        "a b",
        "it's",
        '"q"',
        "100%",
        "$HOME",
        "${PROCESS}",
        "a;b",
        "x&y",
        "<z>",
        "`w`",
        "\\n",
        "(c)",
        "*",
        "#h",
        "name",
        "override_me",
        "%(x)s",
        "a,b",
        "..",
        "/",
        "-",
        "é",
        "",
        " lead",
        "trail ",
        "two\nlines",
        "EOF",
        "[s]",
        "=",
        "a=b",
        ":",
    ]
)
"""Text that some reader on the way may stumble over."""

WORD = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789_", min_size=1, max_size=8)
VALUE = st.one_of(WORD, WORD, ODD, XML_TEXT)
PLAIN = st.one_of(WORD, WORD, st.sampled_from(["a.b", "x-y", "a,b", "100%", "/x/y.sh", "v1+2"]))
"""Values that no shell on the way takes for more than names."""

PATH = st.builds(lambda words: "/pnfs/dune/" + "/".join(words), st.lists(WORD, max_size=3))
SMALL = st.integers(0, 12).map(str)

_GIVEN = {
    *("numevents", "larsoft", "stage", "fcl", "outdir", "workdir", "parameter", "jobsub"),
    *("inputdef", "inputfile", "inputlist", "recurdef", "previousstage"),
}
"""Tags that a document has anyway, or by rules of its own; any other may stand anywhere."""

_UNKNOWN = "nonsense"


def _tags(level: str) -> list[Tag]:
    places = (tag for row in TABLE.values() for tag in row.places)
    return [tag for tag in places if tag.level == level and tag.name not in _GIVEN]


_PROJECT_TAGS, _STAGE_TAGS, _FCL_TAGS = _tags("project"), _tags("stage"), _tags("fcl")


def values_of(tag: Tag, value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Values that the tag can be read from."""
    if tag.read in (read_int, read_float):
        return st.one_of(st.sampled_from("01"), SMALL)
    return value.filter(str.strip)


_JOBSUB = st.lists(
    st.sampled_from(
        [
            "--memory=3GB",
            "-e A=b",
            "-e",
            '--lines=+X=\\"y\\"',
            "-l",
            "+Y=1",
            "-f /pnfs/a/b.txt",
            "--append_condor_requirements='(TARGET.A==1)'",
            "-q",
            "-Q",
            "--nfile=3",
            "stray",
            "--expected-lifetime=8h",
            "--disk=2g",
            "-N 3",
            "--role=Production",
            "-d OUT /pnfs/x",
        ]
    ),
    max_size=5,
).map(" ".join)
_INPUTS = st.sampled_from(["", "", "inputdef", "inputfile", "inputlist"])


def _element(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


@st.composite
def fcl_elements(draw: st.DrawFn, value: st.SearchStrategy[str] = VALUE) -> str:
    inside = ""
    for tag in _FCL_TAGS:
        if draw(st.integers(0, 9)) == 0:
            inside += _element(tag.name, draw(values_of(tag, value)))
    return f"<fcl>{escape(draw(WORD))}.fcl {inside}</fcl>"


@st.composite
def stage_elements(
    draw: st.DrawFn, earlier: list[str], value: st.SearchStrategy[str] = VALUE
) -> str:
    name = draw(st.one_of(WORD, WORD, value.filter(str.strip)))
    base = ""
    if earlier and draw(st.integers(0, 4)) == 0:
        base = f" base={quoteattr(draw(st.sampled_from(earlier)))}"
    children = [draw(fcl_elements(value)) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    children += [_element("outdir", draw(PATH)), _element("workdir", draw(PATH))]
    kind = draw(_INPUTS)
    if kind and not base:
        children.append(_element(kind, draw(st.one_of(PATH, WORD))))
    elif earlier and draw(st.booleans()):
        children.append(_element("previousstage", draw(st.sampled_from([*earlier, "none"]))))
    for tag in draw(st.lists(st.sampled_from(_STAGE_TAGS), max_size=9)):
        children.append(_element(tag.name, draw(values_of(tag, value))))
    if kind == "inputdef" and draw(st.integers(0, 7)) == 0:
        children.append(_element("recurdef", draw(value.filter(str.strip))))
    if draw(st.integers(0, 7)) == 0:
        children.append(_element("jobsub", draw(_JOBSUB) or "-Q"))
    if draw(st.integers(0, 9)) == 0:
        children.append(_element(_UNKNOWN, draw(value.filter(str.strip))))
    if draw(st.integers(0, 5)) == 0:
        children.append(f'<parameter name="{draw(WORD)}">{escape(draw(value) or "x")}</parameter>')
    children = draw(st.permutations(children))
    earlier.append(name)
    return f"<stage name={quoteattr(name)}{base}>{''.join(children)}</stage>"


@st.composite
def documents(draw: st.DrawFn, value: st.SearchStrategy[str] = VALUE) -> bytes:
    """A document that project.py would probably load: any tags, values of any kind."""
    projects = []
    for number in range(draw(st.sampled_from([1, 1, 1, 2]))):
        earlier: list[str] = []
        children = [_element("numevents", draw(st.sampled_from(["10", "1000", "-1", "7"])))]
        children.append("<larsoft><tag>&release;</tag><qual>e26:prof</qual></larsoft>")
        for tag in draw(st.lists(st.sampled_from(_PROJECT_TAGS), max_size=5)):
            children.append(_element(tag.name, draw(values_of(tag, value))))
        for _ in range(draw(st.integers(1, 4))):
            children.append(draw(stage_elements(earlier, value)))
        name = draw(st.one_of(st.just(f"&name;{number or ''}"), WORD))
        projects.append(f'<project name="{name}">{"".join(children)}</project>')
    body = projects[0] if len(projects) == 1 else f"<job>{''.join(projects)}</job>"
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE project [\n'
        '<!ENTITY release "v09_81_00">\n<!ENTITY name "prod_test">\n]>\n' + body
    ).encode()


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A document with tags dropped, doubled, renamed, moved, or cut."""
    data = draw(documents())
    for _ in range(draw(st.integers(1, 3))):
        text = data.decode()
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 30))
        piece = text[start : start + length]
        target = draw(st.integers(0, len(text)))
        change = draw(st.sampled_from(["drop", "double", "move", "insert", "cut"]))
        if change == "drop":
            text = text[:start] + text[start + length :]
        elif change == "double":
            text = text[:start] + piece + text[start:]
        elif change == "move":
            rest = text[:start] + text[start + length :]
            text = rest[:target] + piece + rest[target:]
        elif change == "insert":
            odd = draw(st.sampled_from(["&amp;", "<!-- c -->", "&x;", "<a/>", "]]>", "%", "\x7f"]))
            text = text[:start] + odd + text[start:]
        else:
            text = text[:start]
        data = text.encode()
    return data


# -- configurations -------------------------------------------------------------------------

_MACROS = {"user": Text("dunepro"), "release": Text("v09_81_00"), "base": Text("/pnfs/x")}
_LITERAL = st.text("abc /:=#;%[]'\"$\\é", max_size=6).filter(
    lambda s: s == s.strip() and "%(" not in s
)


@st.composite
def cfg_values(draw: st.DrawFn) -> Text:
    parts: list[tuple[str, str | None]] = [("v", None)]
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(_MACROS)))
            parts.append((str(_MACROS[name]), name))
        else:
            parts.append((draw(_LITERAL), None))
    return Text.of(parts)


@st.composite
def campaigns(draw: st.DrawFn) -> CampaignConfig:
    """Stages with any keys, some shared, some not, some numbered."""
    pool = draw(st.lists(cfg_values(), min_size=2, max_size=4))
    value = st.sampled_from(pool)
    stages = []
    for name in draw(st.lists(WORD, min_size=1, max_size=5, unique=True)):
        traits = draw(st.lists(st.sampled_from(["from_sam", "declared", "x"]), unique=True))
        config = StageConfig(name, tuple(traits))
        config.set("global", "stage", name)
        for key in draw(st.lists(st.sampled_from(["outdir", "numjobs"]), unique=True)):
            config.set("global", key, draw(value))
        for section, key in draw(
            st.lists(
                st.sampled_from(
                    [
                        ("submit", "memory"),
                        ("submit", "disk"),
                        ("job_output", "dest"),
                        ("sam_consumer", "limit"),
                        ("job_setup", "ifdh_art"),
                    ]
                ),
                unique=True,
            )
        ):
            escaped = submit_value if section == "submit" else job_value
            config.set(section, key, escaped(draw(value)))
        for stem in ("prescript", "postscript"):
            for _ in range(draw(st.integers(0, 4))):
                lines = draw(st.lists(value, min_size=1, max_size=3))
                config.append("job_setup", stem, Entry(tuple((line, ()) for line in lines)))
        for _ in range(draw(st.integers(0, 3))):
            config.add("submit", "f", submit_value(draw(value)))
        config.set("executable", "name", submit_value(draw(value)))
        slots = draw(st.lists(st.sampled_from(["-c", "-o", "-n", "-T"]), unique=True))
        for slot in slots:
            config.argument(slot, submit_value(draw(value)))
        stages.append(config)
    macros = {"experiment": Text("dune"), "group": Text("dune"), "wrapper": Text("w"), **_MACROS}
    return CampaignConfig(macros, tuple(_MACROS), stages, [], "x.xml")
