"""Values that no real file has: whatever a campaign makes of them, a finding announces it."""

from __future__ import annotations

import pytest

from converter import profiles
from converter.projectpy.reader import read
from converter.verify.verification import UNANNOUNCED
from tests.projects import Converted, verify
from tests.robustness.documents import document

NO_FILES = [" ", "\n", "/", ".", "../..", "-1", "--", "9" * 300, "$X", "${X}$Y"]
BLANKS = [" ", "\n", "\n1\n", "\u2028x"]


UNUSABLE = ("X2P419", "X2P513", "X2P530")
"""Codes of names and numbers that cannot be."""


def values(tag: str, *texts: str) -> list[str]:
    return [f"<{tag}>{text}</{tag}>" for text in texts]


IN_STAGE = [
    *values("initscript", *NO_FILES),
    *values("initsource", *NO_FILES[2:]),
    *values("endscript", *NO_FILES[2:]),
    *values("finscript", *NO_FILES),
    *values("exe", *NO_FILES[2:]),
    *values("output", *NO_FILES),
    *values("TFileName", *NO_FILES[2:]),
    *values("inputfile", "-1", "--", "9" * 300, "$X"),
    *values("inputlist", "/x/-1", "/x/" + "9" * 300, "$X"),
    *(f"<inputfile>{name}</inputfile><inputmode>textfile</inputmode>" for name in ("a", "b/a")),
    *values("fcl", *NO_FILES),
    *values("datafiletypes", "9" * 300),
    *values("logdir", "--"),
    *values("inputdef", *BLANKS),
    *values("recurdef", *BLANKS),
    *values("defname", *BLANKS),
    *values("numjobs", str(2**64), str(2**63)),
]
IN_PROJECT = [
    *values("filetype", *BLANKS),
    *values("runtype", *BLANKS),
    *values("role", *BLANKS),
]
IN_FCL = [
    *values("initsource", *NO_FILES[2:]),
    *values("endscript", *NO_FILES[2:]),
    *values("exe", *NO_FILES[2:]),
    *values("output", *NO_FILES),
    *values("processname", *BLANKS),
]


@pytest.mark.parametrize(
    "data",
    [
        *(pytest.param(document(text), id=f"stage {text:.40}") for text in IN_STAGE),
        *(pytest.param(document(project=text), id=f"project {text:.40}") for text in IN_PROJECT),
        *(
            pytest.param(document(f"<fcl>b.fcl{text}</fcl>"), id=f"fcl {text:.40}")
            for text in IN_FCL
        ),
    ],
)
def test_all_that_differs_is_announced(data: bytes) -> None:
    dune = profiles.profile("dune")
    found = verify(read(data).projects, dune, Converted(data).text)
    assert [check.error for check in found.checks if check.error] == []
    fields = [field for check in found.checks for field in check.fields]
    assert [field.name for field in fields if field.verdict == UNANNOUNCED] == []


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("<initscript>/pnfs/x/</initscript>", "X2P513"),
        ("<exe>.</exe>", "X2P513"),
        ("<output>../..</output>", "X2P513"),
        ("<inputfile>-1</inputfile>", "X2P513"),
        ("<fcl> </fcl>", "X2P513"),
        (f"<TFileName>{'h' * 256}</TFileName>", "X2P513"),
        ("<logdir>--</logdir>", "X2P513"),
        (f"<numjobs>{2**63}</numjobs>", "X2P530"),
        ("<defname> </defname>", "X2P419"),
        ("<anadefname>\n</anadefname>", "X2P419"),
        ("<inputdef> </inputdef>", "X2P419"),
    ],
)
def test_what_cannot_be_is_invalid(setting: str, code: str) -> None:
    found = Converted(document(setting), stage="g")
    assert [one.code for one in found.findings if one.code in UNUSABLE] == [code]
    assert "X2P802" not in found.codes
    tag = setting[1 : setting.index(">")]
    fates = [s.fate.value for s in found.conversion.report.settings if f"/{tag}" in s.path]
    assert fates[-1] == "invalid"


@pytest.mark.parametrize("name", ["a", "a" * 255, "/x/a-b", "..a", "a."])
def test_what_can_be_a_file_is_none_of_them(name: str) -> None:
    assert "X2P513" not in Converted(document(f"<exe>{name}</exe>"), stage="g").codes


@pytest.mark.parametrize(
    ("filetype", "line"),
    [
        ("mc", '"mc"'),
        (" mc ", '" mc "'),
        ("\nmc\n", '" mc "'),
        ("\n", '" "'),
        ("\n a\n b", '" a b"'),
    ],
)
def test_blanks_in_quotes_of_the_wrapper_count(filetype: str, line: str) -> None:
    found = Converted(document(project=f"<filetype>{filetype}</filetype>"), stage="g")
    (written,) = [one for one in found.heredoc("wrapper.fcl") if "fileType" in one]
    assert written == "services.FileCatalogMetadata.fileType: " + line
