"""The report of a file, told anew once it is known which files its campaigns are launched with.

A file is converted, and its report written, before anybody knows what families there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from markupsafe import escape

from converter.migration.names import FAMILIES, family_page
from converter.pasted import file_word
from converter.report.model import FileReport, ProjectReport, StageReport
from converter.report.runbook import runbook
from converter.text import visible

__all__ = ["Launched", "told"]


class Launched(NamedTuple):
    """What one of a file's campaigns is launched with.

    number  of its project in the file
    own     the names that its files have where it is by itself
    files   the paths of what there is instead, in the same order
    named   what the steps call these
    cfg     what follows fife_launch -c: the .cfg, and the campaign's own values
    family  that it belongs to, if it does
    """

    number: int
    own: Sequence[str]
    files: Sequence[str]
    named: Sequence[str]
    cfg: str
    family: str = ""


def told(launched: Sequence[Launched], report: bytes, page: bytes, up: str) -> tuple[str, str]:
    """The report as JSON, and as a page if there is one, with what campaigns are launched with.

    up  the way from the page to the output tree
    """
    data = msgspec.json.decode(report)
    (file,) = data["files"]
    text = page.decode()
    names: dict[str, str] = {}
    for one in launched:
        project = file["projects"][one.number]
        names.update(zip((*project["outputs"], *one.own), (*one.named, *one.named)))
        project["outputs"] = list(one.files)
        text = _filled(text, f'data-launched="{one.number}"', _launched(one, up))
        if one.number == 0:
            file["run_book"] = runbook(_first(file), one.cfg)
    for step in file["checklist"]:
        before = _on_page(step)
        if _rename(step, names):
            text = text.replace(before, _on_page(step))
    elsewhere = any(
        path.startswith(f"{FAMILIES}/") for p in file["projects"] for path in p["outputs"]
    )
    text = _filled(text, "data-sides", _SIDES if elsewhere else "")
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n", visible(text)


def _rename(step: dict[str, Any], names: Mapping[str, str]) -> bool:
    """Let a step that uploads a file name the one that there is; whether that is another."""
    verb, *_, name = step["script"]
    if verb not in ("upload", "campaign") or names.get(name, name) == name:
        return False
    new = names[name]
    step["script"][-1] = new
    step["command"] = step["command"].removesuffix(file_word(name)) + file_word(new)
    if verb == "upload":
        step["what"] = f"upload {new}"
    return True


def _on_page(step: Mapping[str, Any]) -> str:
    """A step as the template of the page writes it."""
    command = f'<code class="copy">{escape(step["command"])}</code>' if step["command"] else ""
    return f"> {escape(step['what'])}</label>{command}</li>"


_SIDES = (
    " The .cfg and .ini beside the XML are those of its campaign by itself, which are not written: "
    "it is launched from its family's template, with the same effect. What is launched is told "
    "under Stages."
)


def _filled(page: str, place: str, html: str) -> str:
    """The page with that in the element that has the attribute, in place of what was there."""
    return re.sub(rf"(?s)(<span {place}>).*?(?=</span>)", lambda m: m[1] + html, page, count=1)


def _launched(one: Launched, up: str) -> str:
    """What is written for a campaign: its own files, or its family's template and what it has."""

    def link(path: str, text: str) -> str:
        return f'<a href="{up}{quote(path)}">{escape(text)}</a>'

    if not one.family:
        return f"Written: {', '.join(f'<code>{escape(file)}</code>' for file in one.files)}."
    page = link(family_page(one.family), one.family)
    cfg, *scripts, ini = (f"<code>{link(file, file)}</code>" for file in one.files)
    along = f" (beside it {', '.join(scripts)})" if scripts else ""
    own = one.cfg.partition(" ")[2]
    values = f"its own values <code>{escape(own)}</code>" if own else "its usual values"
    launch = f"launched from the template {cfg}{along} with {values}, by {ini}"
    return f"One of the family {page}: {launch}."


def _first(file: Mapping[str, Any]) -> FileReport:
    """As much of the report as its run book tells."""
    project = file["projects"][0]
    stages = msgspec.convert(project["stages"], tuple[StageReport, ...])
    known = ProjectReport(project["name"], project["experiment"], (), stages)
    return FileReport(file["source"], file["sha256"], file["status"], projects=(known,))
