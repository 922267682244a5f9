"""Hypothesis strategies: odd text, project.py documents, stage configurations."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from converter.poms.config import CampaignConfig, StageConfig
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

_PROJECT_NUMBERS = ("numjobs", "maxfilesperjob", "cpu", "memory", "nthreads", "nschedules")
_FLAGS = ("check", "copy", "cvmfs", "stash", "singularity")
_PROJECT_TEXTS = (
    *("os", "resource", "role", "lines", "server", "site", "blacklist", "disk", "args", "merge"),
    *("anamerge", "script", "startscript", "stopscript", "ups", "version", "filetype", "runtype"),
)
_STAGE_NUMBERS = (
    *_PROJECT_NUMBERS,
    *("numevents", "dirsize", "dirlevels", "ana", "recur", "recurlimit", "runnumber"),
    *("maxfluxfilemb", "targetsize", "jobsub_timeout", "prestart", "filelistdef", "pubsinput"),
    *("singlerun", "dropboxwait", "prestagefraction"),
)
_STAGE_TEXTS = (
    *("batchname", "logdir", "bookdir", "inputmode", "recurtype", "activebase", "inputstream"),
    *("mixinputdef", "defname", "anadefname", "datatier", "anadatatier", "submitscript", "lines"),
    *("resource", "site", "blacklist", "disk", "datafiletypes", "args", "TFileName", "jobsub"),
    *("jobsub_start", "schema", "initscript", "initsource", "endscript", "finscript", "output"),
    *("exe", "datastream", "anadatastream", "recurdef", "merge", "anamerge", "nonsense"),
)
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
    for tag in (
        "output",
        "exe",
        "processname",
        "stagename",
        "projectname",
        "version",
        "initsource",
        "endscript",
    ):
        if draw(st.integers(0, 9)) == 0:
            inside += _element(tag, draw(value.filter(str.strip)))
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
    for tag in draw(st.lists(st.sampled_from(_STAGE_NUMBERS), max_size=4)):
        children.append(_element(tag, draw(SMALL)))
    for tag in draw(st.lists(st.sampled_from(_FLAGS), max_size=2)):
        children.append(_element(tag, draw(st.sampled_from("01"))))
    for tag in draw(st.lists(st.sampled_from(_STAGE_TEXTS), max_size=5)):
        if tag == "recurdef" and kind != "inputdef":
            continue
        text = draw(_JOBSUB if tag == "jobsub" else value.filter(str.strip))
        children.append(_element(tag, text or "-Q"))
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
        for tag in draw(st.lists(st.sampled_from(_PROJECT_NUMBERS), max_size=2)):
            children.append(_element(tag, draw(SMALL)))
        for tag in draw(st.lists(st.sampled_from(_PROJECT_TEXTS), max_size=3)):
            children.append(_element(tag, draw(value.filter(str.strip))))
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
            for _ in range(draw(st.integers(0, 5))):
                config.add("job_setup", stem, draw(value))
        config.set("executable", "name", submit_value(draw(value)))
        slots = draw(st.lists(st.sampled_from(["-c", "-o", "-n", "-T"]), unique=True))
        for slot in slots:
            config.args.append((slot, submit_value(draw(value))))
        stages.append(config)
    macros = {"experiment": Text("dune"), "group": Text("dune"), "wrapper": Text("w"), **_MACROS}
    return CampaignConfig(macros, tuple(_MACROS), stages, [], "x.xml")
