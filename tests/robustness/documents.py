"""Documents below 1 MiB in shapes that no real file has."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["BOMBS", "EDGES", "HUGE", "document", "stage"]


def stage(name: object, body: str = "") -> str:
    return (
        f'<stage name="{name}"><fcl>a.fcl</fcl><outdir>/pnfs/o/{name}</outdir>'
        f"<workdir>/pnfs/w/{name}</workdir>{body}</stage>\n"
    )


def document(
    body: str = "", *entities: str, project: str = "", stages: str | None = None, before: str = ""
) -> bytes:
    """One project; `body` stands in its stage, `entities` in the DOCTYPE."""
    doctype = f"<!DOCTYPE project [{''.join(entities)}]>" if entities else ""
    return (
        f'<?xml version="1.0"?>\n{doctype}{before}<project name="p"><numevents>10</numevents>'
        f"<larsoft><tag>v1_00</tag><qual>e20:prof</qual></larsoft>{project}"
        f"{stage('g', body) if stages is None else stages}</project>"
    ).encode()


def many(make: Callable[[int], str], count: int) -> str:
    """As many as there is room for, at most `count`."""
    pieces: list[str] = []
    size = 0
    for number in range(count):
        piece = make(number)
        size += len(piece)
        if size > 1_000_000:
            break
        pieces.append(piece)
    return "".join(pieces)


def entities(count: int) -> str:
    return many(lambda i: f'<!ENTITY e{i} "x{i}">', count)


HOOKS = "<initsource>i.sh</initsource><endscript>e.sh</endscript>"

SETTINGS = (
    "<initscript>i.sh</initscript><inputlist>/x/a.list</inputlist><output>o.root</output>"
    "<numjobs>500</numjobs><maxfilesperjob>9</maxfilesperjob><endscript>e.sh</endscript>"
)

LEVELS = "".join(f'<!ENTITY l{i} "{f"&l{i + 1};" * 10}">' for i in range(9)) + (
    '<!ENTITY l9 "<b/>"><!ENTITY m "<memory>1</memory>">'
)
"""Ten to the power of nine of `<b/>`; and one that is harmless."""

BOMBS = {
    "comment": document("<!-- &l0; -->&m;", LEVELS),
    "cdata": document("<jobsub><![CDATA[&l0;]]></jobsub>&m;", LEVELS),
    "instruction": document("<?x &l0;?>&m;", LEVELS),
    "in the entity": document("&n;", LEVELS, '<!ENTITY n "<!-- &l0; --><memory>2</memory>">'),
    "after a bracket": document("&m;", '<!ENTITY a "]>&l0;"><!-- ]> &l0; -->', LEVELS),
}
"""What looks like a reference in them is none."""

HUGE = {
    "attributes": document("<b " + many(lambda i: f'a{i}="1" ', 70_000) + "/>"),
    "attributes with an entity": document(
        "<b " + many(lambda i: f'a{i}="&e;" ', 10_001) + "/>", '<!ENTITY e "1">'
    ),
    "unknown tags": document(many(lambda i: f"<u{i}>x</u{i}>", 20_000)),
    "file types": document(f"<datafiletypes>{many(lambda i: f'd{i},', 100_000)}</datafiletypes>"),
    "words": document(f"<jobsub>{'a ' * 500_000}</jobsub>"),
    "a long value": document(f"<jobsub>{'a' * 500_000}</jobsub>"),
    "a chain of entities": document(
        "&e0;", *(f'<!ENTITY e{i} "&e{i + 1};">' for i in range(20_000)), '<!ENTITY e20000 "<a/>">'
    ),
    "a chain in a comment": document(
        "<!-- &e0; -->&m;",
        *(f'<!ENTITY e{i} "&e{i + 1};">' for i in range(900)),
        '<!ENTITY e900 "&e901;"><!ENTITY m "&e0;"><!ENTITY e901 "<a/>">',
    ),
    "entities": document("", entities(100_000)),
    "parameter entities": document("", many(lambda i: f'<!ENTITY % e{i} "x">', 100_000)),
    "uses of entities": document(f"<jobsub>{'&e;' * 10_001}</jobsub>", '<!ENTITY e "a">'),
    "expansion": document("&e;" * 1_000, f'<!ENTITY e "{"<b>1</b>" * 200}">'),
    "declared attributes": document("<b/>", many(lambda i: f'<!ATTLIST b a{i} CDATA "x">', 30_000)),
    "namespaces": document("<b " + many(lambda i: f'xmlns:n{i}="u{i}" ', 20_000) + "/>"),
    "a long namespace": document(f'<b xmlns:n="{"u" * 800_000}">{"<n:c/>" * 9_000}</b>'),
    "long tags": document(f"<{'t' * 40_000}>{'<a/>' * 9_000}</{'t' * 40_000}>"),
    "stages": document(stages=many(stage, 1_001)),
    "projects": b"<a>" + b'<project name="p"/>' * 51 + b"</a>",
    "a base stage with many fcl": document(
        stages=stage("s0", "<fcl>f</fcl>" * 2_000)
        + "".join(f'<stage name="b{i}" base="s0"/>' for i in range(900))
    ),
    "a base stage with many words": document(
        stages=stage("s0", f"<jobsub>{'-e A=1 ' * 1_000}</jobsub>")
        + "".join(f'<stage name="b{i}" base="s0"/>' for i in range(900))
    ),
    "a base stage with a long value": document(
        stages=stage("s0", f"<jobsub>{'x' * 100_000}</jobsub>")
        + "".join(f'<stage name="b{i}" base="s0"/>' for i in range(900))
    ),
    "parameters for all stages": document(
        project=many(lambda i: f'<parameter name="p{i}">1</parameter>', 2_000),
        stages=many(stage, 900),
    ),
    "folders for all stages": document(
        project=many(lambda i: f"<fcldir>/a{i}</fcldir>", 3_000), stages=many(stage, 900)
    ),
    "a long stage's name": document(stages=stage("x" * 300)),
}
"""Far beyond real files: refused, saying of what they have too much."""

EDGES = {
    "unknown tags": document(many(lambda i: f"<u{i}>x</u{i}>", 7_900)),
    "unknown tags on one line": document("<u>x</u>" * 7_900),
    "attributes with an entity": document(
        "<b " + many(lambda i: f'a{i}="&e;" ', 7_900) + "/>", '<!ENTITY e "1">'
    ),
    "an attribute with many signs": document(f'<b a="{"= &amp;" * 140_000}"/>', '<!ENTITY e "1">'),
    "options": document(f"<jobsub>{many(lambda i: f'--o{i}=a ', 4_990)}</jobsub>"),
    "uses of entities": document(
        f"<jobsub>{many(lambda i: f'-e A=&e{i % 990}; ', 2_490)}</jobsub>", entities(990)
    ),
    "backslashes": document("<jobsub>" + "\\" * 131_000 + "</jobsub>"),
    "quotes": document("<jobsub>" + "'" * 131_000 + "</jobsub>"),
    "line breaks": document("\n" * 1_000_000),
    "comments": document("<!-- -->" * 120_000),
    "comments before the project": document(before="<!-- -->" * 120_000),
    "sections": document(f"<b>x{'<c><![CDATA[x]]></c>' * 7_900}</b>"),
    "what is never closed": document(
        "&m;", f'<!ENTITY l "{"&#60;!--" * 100_000}"><!ENTITY m "<memory>1</memory>">'
    ),
    "fcl files": document(many(lambda i: f"<fcl>f{i}.fcl</fcl>{HOOKS}", 199)),
    "fcl files of many stages": document(
        stages=many(lambda i: stage(i, "<fcl>b.fcl</fcl>" * 89 + "<numjobs>9</numjobs>"), 13)
    ),
    "parameters": document(many(lambda i: f'<parameter name="p{i}">v</parameter>', 2_900)),
    "file types": document(f"<datafiletypes>{many(lambda i: f'd{i},', 4_900)}</datafiletypes>"),
    "sites": document(f"<site>{many(lambda i: f'S{i},', 4_900)}</site>"),
    "the same settings": document("<memory>1</memory>" * 7_900),
    "projects": b"<a>"
    + b"".join(
        document(stages="".join(map(stage, range(20))))
        .replace(b'"p"', b'"p%d"' % i)
        .split(b"\n", 1)[1]
        for i in range(50)
    )
    + b"</a>",
    "stages": document(stages=many(stage, 1_000)),
    "stages with scripts": document(stages=many(lambda i: stage(i, SETTINGS), 720)),
    "stages on one line": document(stages=many(stage, 1_000).replace("\n", "")),
}
"""Just below the limits: converted."""
