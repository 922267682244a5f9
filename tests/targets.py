"""The laws of targets, checked on the text of the files: what a report names is there.

Nothing of the mapping is used: the files are read as fife_launch and POMS read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from converter.conversion import Conversion
from converter.findings.fates import Fate
from converter.poms.document import parse
from converter.poms.escape import place_of
from converter.poms.writer import SECTIONS
from converter.report.model import Setting

__all__ = ["lost_lines", "lost_places", "lost_values", "unknown_places"]

_REFERENCE = re.compile(r"%(?:%|\((\w+)\)s)")
_VARIABLE = re.compile(r"\$\{cfg_(\w+)\}")
"""A macro in a script that is a file of its own."""


class _Stage:
    """A stage as the files have it: where it gets each key from, and what stands there."""

    def __init__(
        self,
        name: str,
        cfg: dict[str, dict[str, str]],
        ini: dict[str, dict[str, str]],
        scripts: dict[str, str],
    ) -> None:
        self.name = name
        self.values: dict[str, str] = {}
        places: dict[str, str] = {}
        raw: dict[str, str] = {}
        own = cfg.get(f"stage_{name}", {})
        parents = own["parent"].split(",") if "parent" in own else []
        layers = [(f"stage_{layer}", f"stage_{layer}.") for layer in (*parents, name)]
        for section, keys in cfg.items():
            if not section.startswith("stage_"):
                places |= {f"{section}.{key}": f"cfg:{section}.{key}" for key in keys}
                raw |= {f"{section}.{key}": value for key, value in keys.items()}
        for section, before in layers:
            for key, value in cfg.get(section, {}).items():
                places[key] = f"cfg:{before}{key}"
                raw[key] = value
        self.macros = {
            key.partition(".")[2]: value for key, value in raw.items() if key.startswith("global.")
        }
        for key, place in places.items():
            value = self._expanded(raw[key])
            self.values[place] = self._expanded(value) if key.startswith("global.") else value
        for key, value in ini.get("campaign_defaults", {}).items():
            if key not in ini.get(f"campaign_stage {name}", {}):
                self.values[f"ini:campaign_defaults.{key}"] = value.replace("%%", "%")
        for section, keys in ini.items():
            kind, _, stage = section.partition(" ")
            if stage == name or kind not in ("campaign_defaults", "campaign_stage", "dependencies"):
                for key, value in keys.items():
                    self.values[f"ini:{section}.{key}"] = value.replace("%%", "%")

        sent = [value for key, value in raw.items() if re.match(r"submit\.f(_\d+)?$", key)]
        for file, text in scripts.items():
            if any(f"/{file}" in value for value in sent):
                for number, line in enumerate(text.split("\n")[:-1], 1):
                    line = _VARIABLE.sub(lambda m: self._expanded(f"%({m[1]})s"), line)
                    self.values[f"script:{file}:{number}"] = line

    def _expanded(self, value: str) -> str:
        def one(match: re.Match[str]) -> str:
            if match[1] is None:
                return "%"
            return self._expanded(self.macros.get(match[1], "")) if match[1] != "_process" else "P"

        return _REFERENCE.sub(one, value)


class _Campaigns:
    """The stages of each project, with all that they get."""

    def __init__(self, conversion: Conversion) -> None:
        self.stages: dict[str, list[_Stage]] = {}
        self.written: set[str] = set()
        """All places of all files."""
        for campaign in conversion.campaigns:
            cfg = next((t for n, t in campaign.files.items() if not n.endswith(".ini")), "")
            kept, ini = parse(cfg).sections, parse(campaign.ini).sections
            assert kept is not None
            assert ini is not None
            for prefix, found in (("cfg:", kept), ("ini:", ini)):
                self.written |= {f"{prefix}{s}.{key}" for s, keys in found.items() for key in keys}
            scripts = {name: text for name, text in campaign.files.items() if name[-3:] == ".sh"}
            for name, text in scripts.items():
                self.written |= {f"script:{name}:{n + 1}" for n in range(text.count("\n"))}
            names = [s.partition(" ")[2] for s in ini if s.startswith("campaign_stage ")]
            self.stages.setdefault(campaign.project, []).extend(
                _Stage(name, kept, ini, scripts) for name in names
            )

    def texts(self, project: str | None, target: str, own: str | None = None) -> list[str]:
        """What stands there, for each stage that gets it from there.

        Only for the setting's own stage, if that is among them: others have it as their base.
        """
        stages = [s for s in self.stages.get(project or "", []) if target in s.values]
        stages = [stage for stage in stages if stage.name == own] or stages
        return [stage.values[target] for stage in stages]


def lost_places(conversion: Conversion) -> Iterator[str]:
    """Targets that are in no file, or that the stage they are named for gets otherwise."""
    campaigns = _Campaigns(conversion)
    report = conversion.report
    for one in (*report.settings, *report.implied, *report.findings):
        for target in one.targets:
            if target not in campaigns.written:
                yield f"{one}: no {target}"
    for setting in report.settings:
        for target in setting.targets:
            if not campaigns.texts(setting.project, target):
                yield f"{setting}: no stage gets {target}"
    for said in (*report.implied, *report.findings):
        stages = [s for s in campaigns.stages.get(said.project or "", ()) if s.name == said.stage]
        for target in said.targets:
            if stages and not any(target in stage.values for stage in stages):
                yield f"{said}: {said.stage} gets nothing from {target}"


def lost_values(conversion: Conversion) -> Iterator[str]:
    """Settings that are said to be mapped, of which the value is at none of their targets."""
    campaigns = _Campaigns(conversion)
    for setting in conversion.report.settings:
        if setting.fate is not Fate.MAPPED or setting.code in _CHANGED:
            continue
        found = [
            text
            for target in setting.targets
            for text in campaigns.texts(setting.project, target, setting.stage)
        ]
        if not found:
            yield f"{setting} stands nowhere"
        for word in _words(setting):
            if not any(_holds(text, word) for text in found):
                yield f"{setting}: no {word!r} in {found}"


def lost_lines(conversion: Conversion) -> Iterator[str]:
    """Lines of scripts that are named for a setting and do not hold its text."""
    campaigns = _Campaigns(conversion)
    for setting in conversion.report.settings:
        tag = _tag(setting)
        if tag in _SWITCHES or setting.code in _CHANGED:
            continue
        words = [word.rpartition("/")[2] if tag in _FILES else word for word in _words(setting)]
        for target in setting.targets:
            if not re.search(r"\.(pre|post)script_\d+$|^script:", target):
                continue
            found = campaigns.texts(setting.project, target)
            if not any(all(_holds(text, word) for word in words) for text in found):
                yield f"{setting}: {target} is {found}"


def unknown_places(conversion: Conversion) -> Iterator[str]:
    """Settings of which the table of places, by which values are quoted, does not know."""
    for setting in conversion.report.settings:
        for target in setting.targets:
            section, _, key = target.removeprefix("cfg:").rpartition(".")
            section = section.rpartition(".")[2]
            # Macros are where they are used.
            if target.startswith("cfg:") and section in SECTIONS and section != "global":
                tag = _tag(setting)
                if tag not in place_of(section, key).settings:
                    yield f"{setting}: <{tag}> is not among the settings of {target}"


_CHANGED = {
    "X2P101": "a name with characters that a section cannot have",
    "X2P116": "project.py reads less than a person",
    "X2P117": "project.py reads less than a person",
    "X2P213": "an option that has no effect",
    "X2P216": "a variable from where the campaign is launched",
    "X2P217": "a role that has no effect",
    "X2P228": "a name that no file can have",
    "X2P230": "an area that has moved",
}
"""Findings that say that the value is another one, and why."""

_SWITCHES = ("inputmode", "schema", "anamerge")
"""What they switch on has no word of theirs."""

_FILES = ("fcl", "initscript", "initsource", "endscript", "finscript", "inputfile", "exe")
"""The job knows files by their base names."""


def _tag(setting: Setting) -> str:
    return setting.path.rpartition("/")[2].partition("[")[0]


def _words(setting: Setting) -> list[str]:
    """What must stand there of a value."""
    tag, value = _tag(setting), setting.value
    if tag == "jobsub":
        words = re.split(r"\s+", value.strip())
        return [re.sub(r"^(--?[\w-]+$|--?[\w-]+=|\+?\w+=)", "", word) for word in words]
    if tag == "lines" and "SingularityImage" in value:
        return [value.partition("=")[2]]
    if tag == "output":
        stem = re.sub(r"\.root$|\$\{?PROCESS\}?.*", "", value.strip()).rpartition("/")[2]
        # The substage's number follows.
        return [f"-o {stem}"]
    if tag == "schema":
        return [value.strip().removeprefix("x").replace("rootd", "root")]
    if tag == "ups":
        return re.split(r"[,\s]+", value.strip())
    if tag in ("outdir", "logdir"):
        return [value.strip().rstrip("/")]
    return value.split()


def _holds(text: str, word: str) -> bool:
    if re.fullmatch(r"[+-]?\d+", word):
        # As it is written, or as project.py prints what it has read.
        numbers = "|".join(re.escape(number) for number in (word, str(int(word))))
        return re.search(rf"(?<!\d)({numbers})(?!\d)", text) is not None
    return _bare(word) in _bare(text)


def _bare(text: str) -> str:
    """Without what the shells on the way take away."""
    return re.sub(r"[\\'\"\s]", "", text)
