"""Messages X2P3xx: software."""

from __future__ import annotations

from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P301",
        "look",
        "no <ups>: project.py would set up {old}, which has no release {release}; {new} was taken",
        "give <ups> if that is not it",
        announces=("products",),
    ),
    Message(
        "X2P302",
        "look",
        "no release is named: the product is set up without a version, and metadata says `test`",
        "give <tag>, or set the version in job_setup.setup_1",
        announces=("products",),
    ),
    Message(
        "X2P303",
        "look",
        "{path} is taken for a directory, by its name: it is not here to look at",
        "if it is a tarball, write dropbox:// in place of tardir://",
    ),
    Message("X2P304", "note", "{fcl} goes along with the jobs (-f)", "see that it is there"),
    Message(
        "X2P305",
        "look",
        "the fcl files are taken from {directory}, as project.py does if they are there",
        "if one is part of the release instead, remove its submit.f line",
    ),
    Message(
        "X2P306",
        "look",
        "{directory} would be searched for fcl files after the first directory",
        "if a file is there, correct its submit.f line",
    ),
    Message(
        "X2P307",
        "look",
        "{fcl} is looked for in the job's fcl search path; project.py looks there, and in the current folder, when it submits",
        "if it is a file of your own, give its full path",
    ),
    Message(
        "X2P308",
        "look",
        "{path!r}: a path with blanks, which project.py's dag and many tools do not take",
        "correct the path",
        announces=(
            "tarballs",
            "refused",
        ),
    ),
    Message(
        "X2P309",
        "look",
        "{product!r} is no name of a ups product",
        "name products with commas between",
        announces=(
            "products",
            "setup",
        ),
    ),
)
