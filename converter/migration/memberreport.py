"""The report of a file, told anew once it is known which files its campaigns are launched with.

A file is converted, and its report written, before anybody knows what families there are.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from markupsafe import escape

from converter.report.model import FileReport, ProjectReport, StageReport
from converter.report.runbook import runbook

__all__ = ["Launched", "told"]


class Launched(NamedTuple):
    """What one of a file's campaigns is launched with.

    number  of its project in the file
    own     the names that its files have where it is by itself
    files   the paths of what there is instead, in the same order
    named   what the steps call these
    cfg     what follows fife_launch -c: the .cfg, and the campaign's own values
    """

    number: int
    own: Sequence[str]
    files: Sequence[str]
    named: Sequence[str]
    cfg: str


def told(one: Launched, report: bytes, page: bytes) -> tuple[str, str]:
    """The report as JSON, and as a page if there is one, with what a campaign is launched with."""
    data = msgspec.json.decode(report)
    (file,) = data["files"]
    project = file["projects"][one.number]
    names = {**dict(zip(project["outputs"], one.named)), **dict(zip(one.own, one.named))}
    text = page.decode().replace(_written(project["outputs"]), _written(one.files), 1)
    for step in file["checklist"]:
        before = _on_page(step)
        _rename(step, names)
        text = text.replace(before, _on_page(step))
    project["outputs"] = list(one.files)
    if one.number == 0:
        file["run_book"] = runbook(_first(file), one.cfg)
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n", text


def _rename(step: dict[str, Any], names: Mapping[str, str]) -> None:
    """Let a step that uploads a file name the one that there is."""
    verb, *_, name = step["script"]
    if verb not in ("upload", "campaign") or name not in names:
        return
    new = names[name]
    step["script"][-1] = new
    step["command"] = step["command"].removesuffix(shlex.quote(name)) + shlex.quote(new)
    if verb == "upload":
        step["what"] = f"upload {new}"


def _on_page(step: Mapping[str, Any]) -> str:
    """A step as the template of the page writes it."""
    command = f'<code class="copy">{escape(step["command"])}</code>' if step["command"] else ""
    return f"> {escape(step['what'])}</label>{command}</li>"


def _written(files: Sequence[str]) -> str:
    return f" Written: {', '.join(f'<code>{escape(one)}</code>' for one in files) or 'nothing'}."


def _first(file: Mapping[str, Any]) -> FileReport:
    """As much of the report as its run book tells."""
    project = file["projects"][0]
    stages = msgspec.convert(project["stages"], tuple[StageReport, ...])
    known = ProjectReport(project["name"], project["experiment"], (), stages)
    return FileReport(file["source"], file["sha256"], file["status"], projects=(known,))
