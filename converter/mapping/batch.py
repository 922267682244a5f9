"""Batch requests: what jobsub_submit is asked for."""

from __future__ import annotations

import re
from typing import Any

from converter.findings.fates import Fate
from converter.mapping.context import StageContext, macro_of
from converter.mapping.macros import HIDING
from converter.mapping.resources import resources
from converter.model import Value
from converter.pasted import word
from converter.poms import jobsub
from converter.poms.config import Key, Place
from converter.poms.escape import SAFE, env_value, submit_value
from converter.profiles.images import IMAGES
from converter.profiles.roles import ROLES
from converter.targetsize import ignores_targetsize, input_dataset
from converter.text import Text

__all__ = ["batch", "jobsub_environment"]

_GONE_RESOURCES = ("FERMICLOUD", "PAID_CLOUD", "FERMICLOUD8G")

_OWN_BUSINESS = ("N", "G", "dataset-definition", "dag", "no_submit", "version", "support-email")
"""Options that fife_launch or the campaign itself decides."""


def batch(ctx: StageContext) -> None:
    """Everything of [submit] and [env_pass] but inputs, tarballs and shipped files."""
    _environment(ctx)
    ctx.set("submit", "G", Text.named("group", ctx.profile.experiment))
    given = _Given(ctx)
    _role(ctx, given)
    stage = ctx.stage
    numjobs = ctx.macro("numjobs", ctx.number(stage.numjobs), stage.numjobs)
    fate = Fate.MAPPED if stage.resized is None else Fate.DERIVED
    number = ctx.set("submit", "N", numjobs, stage.numjobs)
    ctx.fate(fate, stage.numjobs, *macro_of(numjobs), number)
    if stage.numjobs.value < 1:
        ctx.finding(Fate.INVALID, "X2P201", stage.numjobs, value=str(stage.numjobs))
    _resource(ctx)
    _sizes(ctx, given)
    _places(ctx, given)
    _lines(ctx, given)
    _image(ctx, given)
    _requirements(ctx, given)
    from_jobsub = {**given.single, **dict.fromkeys(given.flags, Text("True"))}
    given.write()
    more = [_variable(ctx, name, Text(value)) for name, value in ctx.profile.env_pass.items()]
    for name, value in ctx.profile.submit.items():
        is_flag = jobsub.OPTIONS_BY_KEY[name].kind in ("flag", "choice") and value == "True"
        more.append(ctx.set("submit", name, value if is_flag else submit_value(Text(value))))
        words = value.split(maxsplit=1) if name == "d" else [value]
        if jobsub.is_misread_in_job(jobsub.OPTIONS_BY_KEY[name], words):
            ctx.about("X2P249", None, keys=more[-1:], option=f"{name} = {value}")
    if more:
        names = ", ".join((*ctx.profile.env_pass, *ctx.profile.submit))
        ctx.finding(Fate.DERIVED, "X2P229", keys=more, names=names)
    resources(ctx, from_jobsub)
    _jobname(ctx)
    _scripts(ctx)
    _targetsize(ctx, number)
    if stage.jobsub_start:
        ctx.finding(Fate.UNSUPPORTED, "X2P203", stage.jobsub_start)
        ctx.remark(stage.jobsub_start)


def _targetsize(ctx: StageContext, number: Place) -> None:
    """Jobs by the size of the input: worked out where that is known, else lost."""
    stage, resized = ctx.stage, ctx.stage.resized
    if resized is not None:
        at_launch = [key for key in ctx.config.values if key[1] == "n_files_per_job"]
        ctx.finding(
            Fate.DERIVED,
            "X2P204",
            stage.targetsize,
            keys=(number, *at_launch),
            size=f"{resized.mean:,}",
            jobs=str(stage.numjobs),
            most=str(resized.most),
            anew="; fife_launch counts the files anew" if resized.at_launch else "",
        )
    elif not stage.targetsize:
        ctx.fate(Fate.BY_DESIGN, stage.targetsize)
    elif ignores_targetsize(stage):
        ctx.fate(Fate.INERT, stage.targetsize)
    else:
        dataset = input_dataset(stage, ctx.source)
        asks = f"{ctx.profile.samweb} list-files --summary {word('defname: ' + dataset)}"
        tells = f"{asks} > FILE" if dataset else "look at a few files of the input"
        jobs = str(stage.numjobs)
        ctx.finding(Fate.UNSUPPORTED, "X2P202", stage.targetsize, jobs=jobs, tells=tells)
        ctx.remark(stage.targetsize)


def jobsub_environment(text: Text) -> set[str]:
    """The variables that `<jobsub>` sets with -e, so that no macro takes their names."""
    return {
        g.values[0].string.partition("=")[0]
        for g in jobsub.parse(tuple(text.split()))
        if g.option is not None and g.option.key == "e" and g.values
    }


def _environment(ctx: StageContext) -> None:
    profile = ctx.profile
    experiment = Text.named("experiment", profile.experiment)
    instance, station = (
        experiment if name == profile.experiment else Text(name)
        for name in (profile.sam, profile.station)
    )
    ctx.set("env_pass", "SAM_EXPERIMENT", instance)
    ctx.set("env_pass", "SAM_GROUP", Text.named("group", profile.experiment))
    ctx.set("env_pass", "SAM_STATION", station)
    # condor_lar.sh exports it before it copies files back.
    ctx.set("env_pass", "IFDH_CP_MAXRETRIES", "5")


def _variable(ctx: StageContext, name: str, value: Text | None, *sources: Value[Any]) -> Place:
    """A variable of the jobs; with None as value the one that it has where the launch happens."""
    if name in HIDING:
        given = Text(name) if value is None else f"{name}=" + value
        return ctx.add("submit", "e", submit_value(given), *sources)
    return ctx.set("env_pass", name, f"${name}" if value is None else env_value(value), *sources)


class _Given:
    """The options in `<jobsub>`, and what each tag has to leave to them."""

    def __init__(self, ctx: StageContext) -> None:
        self.ctx = ctx
        self.setting = ctx.stage.jobsub
        self.single: dict[str, Text] = {}
        """Options of which the last one counts: they come after project.py's own."""
        self.flags: list[str] = []
        self.mail = ""
        self.repeated: list[tuple[str, Text]] = []
        self.lines: list[Text] = []
        self.requirements: list[Text] = []
        self.environment: list[Text] = []
        self.image: Text | None = None
        self.image_from: Value[str] | None = None
        """`<lines>`, where the image stands there and not in `<jobsub>`."""
        self.keys: list[Place] = []
        for option in jobsub.parse(tuple(ctx.words(ctx.stage.jobsub))):
            self._take(option)

    def _take(self, given: jobsub.Given) -> None:
        option = given.option
        shown = " ".join([given.word, *map(str, given.values)])
        if option is None or given.problem:
            gone = jobsub.REMOVED.get(given.word)
            if gone and gone.instead in ("mail_on_error", "mail_always"):
                self.mail = gone.instead
                self._say(Fate.DERIVED, "X2P211", option=given.word, instead=gone.instead)
            else:
                hint = f": {gone.instead}" if gone and gone.instead else ""
                fate = Fate.UNSUPPORTED if option is None else Fate.INVALID
                self._say(fate, "X2P210", option=shown, problem=given.problem + hint)
                self.ctx.remark(self.setting, shown)
            return
        if jobsub.is_misread_in_job(option, [value.string for value in given.values]):
            self.ctx.about("X2P249", self.setting, option=shown)
        if len(option.key) == 1 and any(v.string[:1] == "-" for v in given.values):
            # fife_launch writes `-f VALUE`: jobsub would take the value for an option.
            problem = "its value begins with a dash"
            self._say(Fate.INVALID, "X2P210", option=shown, problem=problem)
            self.ctx.remark(self.setting, shown)
        elif option.key in _OWN_BUSINESS:
            if option.key == "G" and given.values[0].string == self.ctx.profile.experiment:
                return
            self._say(Fate.UNSUPPORTED, "X2P212", option=shown)
            self.ctx.remark(self.setting, shown)
        elif option.kind == "flag":
            self.flags.append(option.key)
        elif option.kind == "choice":
            self.mail = option.key
        elif option.key == "lines":
            image = re.match(r".*\+SingularityImage=(.+)", given.values[0].string)
            if image:
                self.image = Text(image.group(1).strip('"\\'))
            else:
                self.lines.append(given.values[0])
        elif option.key == "append_condor_requirements":
            self.requirements.append(given.values[0])
        elif option.key == "e":
            self.environment.append(given.values[0])
        elif option.key == "f":
            self.keys.append(self.ctx.ship(given.values[0]))
            self.ctx.copies_shipped = True
        elif option.repeats:
            self.repeated.append((option.key, Text.join(" ", given.values)))
        else:
            if option.key == "maxConcurrent":
                self._at_a_time(shown, given.values[0].string)
            self.single[option.key] = given.values[0]

    def _at_a_time(self, shown: str, most: str) -> None:
        """jobsub_lite makes a dag of jobs of which not all may run, unless SAM makes it one."""
        jobs = self.ctx.stage.numjobs.value
        if int(most) >= jobs or int(most) == 0:
            self.ctx.about("X2P247", self.setting, option=shown, jobs=str(jobs))
        elif not self.ctx.reads_sam:
            self._say(Fate.MAPPED, "X2P213", option=shown)

    def _say(self, fate: Fate, code: str, **slots: str) -> None:
        self.ctx.finding(fate, code, self.setting, keys=(), **slots)

    def wins_over(self, key: str, setting: Value[object]) -> bool:
        """Whether `<jobsub>` sets that option too: then its value is the later, and counts."""
        if key not in self.single:
            return False
        if setting.origin is not None:
            tag = setting.origin.path.rpartition("/")[2].partition("[")[0]
            self.ctx.finding(
                Fate.OVERRIDDEN,
                "X2P214",
                setting,
                tag=tag,
                option=key,
                value=self.single[key].string,
            )
        return True

    def write(self) -> None:
        """The options that no tag has a say in."""
        ctx = self.ctx
        done: list[Place] = [self._set(key, text) for key, text in self.single.items()]
        flags = [*self.flags, self.mail] if self.mail else self.flags
        done += [ctx.set("submit", flag, "True", self.setting) for flag in flags]
        for key, text in self.repeated:
            if key == "d":
                written = Text.join(" ", [submit_value(w) for w in text.split()])
                done.append(ctx.add("submit", key, written, self.setting))
            else:
                done.append(ctx.add("submit", key, submit_value(text), self.setting))
            if key == "tar_file_name":
                ctx.tarballs.append(text)
        for variable in self.environment:
            done += self._environment(variable)
        if self.setting.value.strip():
            ctx.mapped(self.setting, *self.keys, *done)

    def _set(self, key: str, text: Text) -> Key:
        return self.ctx.set("submit", key, submit_value(text), self.setting)

    def _environment(self, text: Text) -> list[Place]:
        name, equals, value = text.string.partition("=")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or (equals and not value):
            self._say(Fate.UNSUPPORTED, "X2P215", variable=text.string)
            self.ctx.remark(self.setting, f"-e {text}")
            return []
        if not equals:
            self._say(Fate.MAPPED, "X2P216", variable=name)
            return [_variable(self.ctx, name, None, self.setting)]
        return [_variable(self.ctx, name, text[len(name) + 1 :], self.setting)]


def _in_dag(ctx: StageContext) -> bool:
    """Whether project.py submits a dag: it takes --role out of its workers' commands."""
    several = ctx.stage.numjobs.value > 1 or ctx.project.force_dag
    return several and (ctx.stage.input.kind == "dataset" or bool(ctx.stage.mixinputdef))


def _role(ctx: StageContext, given: _Given) -> None:
    """The role that the campaign is launched with, unless `<jobsub>` asks for another one."""
    project, decision = ctx.project, ctx.campaign.role
    own = given.single.pop("role", None)
    if ctx.profile.role:
        given.keys.append(ctx.set("submit", "role", decision.role))
        return
    if project.role and project.role.value.strip() not in ROLES:
        role = ctx.word(project.role).string
        ctx.finding(Fate.MANUAL, "X2P218", project.role, role=role)
    if own is not None and not _in_dag(ctx):
        key = ctx.set("submit", "role", submit_value(own), ctx.stage.jobsub)
        given.keys.append(key)
        if project.role:
            ctx.finding(
                Fate.OVERRIDDEN, "X2P214", project.role, tag="role", option="role", value=own.string
            )
        if own.string != decision.role:
            ctx.finding(
                Fate.MAPPED,
                "X2P843",
                ctx.stage.jobsub,
                keys=(key,),
                role=own.string,
                campaign=decision.role,
            )
        return
    word = submit_value(ctx.word(project.role)) if project.role else Text(decision.role)
    key = ctx.set("submit", "role", word, project.role)
    if own is not None:
        # In a dag project.py takes --role out of the workers' commands.
        ctx.finding(
            Fate.MAPPED, "X2P217", ctx.stage.jobsub, keys=(key,), role=own.string, used=word.string
        )
    if project.role:
        ctx.mapped(project.role, key)


def _resource(ctx: StageContext) -> None:
    resource = ctx.stage.resource
    if not resource:
        return
    value = "usage_model=" + submit_value(ctx.text(resource).without_blanks())
    key = ctx.set("submit", "resource-provides", value, resource)
    if resource.origin is None:
        ctx.implied("resource", f"usage model {resource}, project.py's default", key)
    gone = [r for r in resource.value.split(",") if r in _GONE_RESOURCES]
    if gone:
        ctx.finding(Fate.MAPPED, "X2P219", resource, keys=(key,), names=", ".join(gone))
    else:
        ctx.mapped(resource, key)
    site = ctx.stage.site
    if site:
        ctx.finding(Fate.MAPPED, "X2P220", site)


def _sizes(ctx: StageContext, given: _Given) -> None:
    stage = ctx.stage
    if stage.memory and not given.wins_over("memory", stage.memory):
        text = ctx.number(stage.memory) + "MB"
        ctx.mapped(stage.memory, ctx.set("submit", "memory", text, stage.memory))
    elif stage.memory.origin and not stage.memory:
        ctx.fate(Fate.BY_DESIGN, stage.memory)
    if stage.disk and not given.wins_over("disk", stage.disk):
        text = ctx.text(stage.disk).without_blanks()
        key = ctx.set("submit", "disk", submit_value(text), stage.disk)
        if not re.fullmatch(r"\d+(\.\d+)?([kmgtKMGT][bB])?", text.string):
            ctx.finding(Fate.INVALID, "X2P222", stage.disk, keys=(key,), disk=text.string)
        else:
            ctx.mapped(stage.disk, key)
    if stage.cpu and not given.wins_over("cpu", stage.cpu):
        ctx.mapped(stage.cpu, ctx.set("submit", "cpu", ctx.number(stage.cpu), stage.cpu))
    elif stage.cpu.origin and not stage.cpu:
        ctx.fate(Fate.BY_DESIGN, stage.cpu)


def _places(ctx: StageContext, given: _Given) -> None:
    for tag, option in (("site", "site"), ("blacklist", "blocklist")):
        setting = getattr(ctx.stage, tag)
        if setting and not given.wins_over(option, setting):
            text = submit_value(ctx.text(setting).without_blanks())
            ctx.mapped(setting, ctx.set("submit", option, text, setting))


def _lines(ctx: StageContext, given: _Given) -> None:
    lines = ctx.stage.lines
    if lines and _several(lines.value):
        _many_lines(ctx, lines, given)
    elif lines:
        text = jobsub.unprotect(ctx.text(lines)).strip().folded()
        image = re.match(r".*\+SingularityImage=(.+)", text.string)
        if image and given.image is None:
            given.image, given.image_from = Text(image.group(1).strip('"\\')), lines
        elif text.string:
            ctx.mapped(lines, ctx.add("submit", "lines", submit_value(text), lines))
    for line in given.lines:
        key = ctx.add("submit", "lines", submit_value(line.strip()), ctx.stage.jobsub)
        given.keys.append(key)


def _several(lines: str) -> bool:
    """Whether there is more than one line for condor, on lines of their own or on one."""
    return len(_each_line(lines)) > 1


def _each_line(lines: str) -> list[str]:
    """The lines for condor: a new one begins at a line break, and at `+NAME=` after a blank."""
    # A blank in quotes parts nothing.
    begins = r"|(?<=\S)\s+(?=\+[A-Za-z_]\w*\s*=)" if '"' not in lines else ""
    parts = re.split(r"[\n\r]+" + begins, lines)
    return [part.strip() for part in parts if part.strip()]


def _many_lines(ctx: StageContext, lines: Value[str], given: _Given) -> None:
    """condor reads each as a line of its own; in project.py's dag all but the first are lost."""
    keys = []
    text = ctx.campaign.macros.text(lines.text)
    done = 0
    for line in _each_line(lines.value):
        start = text.string.index(line, done)
        done = start + len(line)
        part = jobsub.unprotect(text[start:done])
        image = re.match(r".*\+SingularityImage=(.+)", part.string)
        if image and given.image is None:
            given.image = Text(image.group(1).strip('"\\'))
        else:
            keys.append(ctx.add("submit", "lines", submit_value(part), lines))
    options = " ".join(f"--lines={line}" for line in _each_line(lines.value))
    ctx.finding(Fate.DERIVED, "X2P248", lines, keys=keys, options=options)


def _image(ctx: StageContext, given: _Given) -> None:
    setting = ctx.project.os
    image = given.single.pop("singularity-image", None) or given.image
    if image is not None:
        key = ctx.set("submit", "singularity-image", submit_value(image), ctx.stage.jobsub)
        if given.image_from is None:
            given.keys.append(key)
        elif image is given.image:
            ctx.mapped(given.image_from, key)
        else:
            given.keys.append(key)
            ctx.fate(Fate.OVERRIDDEN, given.image_from)
        if setting:
            ctx.finding(
                Fate.OVERRIDDEN,
                "X2P214",
                setting,
                tag="os",
                option="SingularityImage",
                value=image.string,
            )
        return
    own = {alias.lower(): image for alias, image in ctx.profile.containers.items()}
    if not setting:
        release = ctx.project.release.tag.value.strip()
        if "default" in own:
            key = ctx.set("submit", "singularity-image", submit_value(Text(own["default"])))
            ctx.finding(Fate.DERIVED, "X2P322", keys=(key,), image=own["default"])
        elif not {"singularity-image", "OS", "no-singularity"} & {
            *ctx.profile.submit,
            *given.single,
            *given.flags,
        }:
            ctx.implied(
                "os", "no <os>: jobsub_lite runs the job in its own default container (el9)"
            )
            ctx.finding(Fate.DERIVED, "X2P320", release=release or "the release")
        return
    if not ctx.stage.singularity:
        text = submit_value(ctx.text(setting).without_blanks())
        ctx.derived(setting, ctx.set("submit", "OS", text, setting))
        return
    names = setting.value.split(",")
    own = {alias.lower(): image for alias, image in ctx.profile.containers.items()}
    aliases = {**IMAGES, **own}
    # project.py takes the image's own name too, and the alias with its version.
    images = {f"{alias}:latest": image for alias, image in IMAGES.items()}
    images |= {image.rpartition("/")[2]: image for image in IMAGES.values()} | aliases
    usable = [n for n in names if n.startswith("/") or n.lower() in images]
    if not usable:
        known = ", ".join(sorted(aliases))
        ctx.finding(Fate.MANUAL, "X2P223", setting, os=setting.value, known=known)
        ctx.remark(setting)
        return
    path = usable[0] if usable[0].startswith("/") else images[usable[0].lower()]
    key = ctx.set("submit", "singularity-image", submit_value(Text(path)), setting)
    if len(names) > 1:
        ctx.finding(Fate.DERIVED, "X2P224", setting, keys=(key,), os=setting.value, image=path)
    else:
        ctx.derived(setting, key)
    if re.search(r"fnal-wn-sl[56]\b", path):
        ctx.finding(Fate.DERIVED, "X2P321", setting, image=path, os=usable[0])


def _requirements(ctx: StageContext, given: _Given) -> None:
    experiment = ctx.profile.experiment
    wanted = (
        (ctx.stage.cvmfs, f"(TARGET.HAS_CVMFS_{experiment}_opensciencegrid_org==true)"),
        (ctx.stage.stash, f"(TARGET.HAS_CVMFS_{experiment}_osgstorage_org==true)"),
        (ctx.stage.singularity, "(TARGET.HAS_SINGULARITY=?=true)"),
    )
    there: dict[str, Place] = {}
    for setting, requirement in wanted:
        if not setting:
            ctx.fate(Fate.BY_DESIGN, setting)
            continue
        key = there[requirement] = ctx.add(
            "submit", "append_condor_requirements", submit_value(Text(requirement)), setting
        )
        ctx.derived(setting, key)
        if setting.origin is None:
            ctx.implied("requirement", f"condor requirement {requirement}", key)
    for text in given.requirements:
        if text.string not in there:
            there[text.string] = ctx.add(
                "submit", "append_condor_requirements", submit_value(text), ctx.stage.jobsub
            )
        given.keys.append(there[text.string])


def _jobname(ctx: StageContext) -> None:
    stage, project, tag = ctx.stage, ctx.project, ctx.project.release.tag
    if stage.batchname:
        text = ctx.word(stage.batchname)
    else:
        text = Text.join(
            "-",
            [
                ctx.name,
                ctx.campaign.macros.define("project", ctx.text(project.name)),
                ctx.campaign.macros.define("release", ctx.word(tag)),
            ],
        )
    # fife_launch makes a file of that name, and writes the name into a shell command.
    if "/" in text.string or not SAFE.fullmatch(text.string):
        simple = Text(re.sub(r"[^A-Za-z0-9_.:,+=@-]", "_", text.string) or "_")
        value = stage.batchname if stage.batchname else None
        ctx.finding(Fate.MAPPED, "X2P228", value, old=text.string, new=simple.string)
        text = simple
    key = ctx.set("global", "jobname", text, stage.batchname)
    if stage.batchname:
        ctx.mapped(stage.batchname, key)
    else:
        ctx.mapped(project.name, key)
        ctx.implied("batchname", f"jobs are called {text}", key)


def _scripts(ctx: StageContext) -> None:
    stage = ctx.stage
    if stage.script.origin and stage.script.value != "condor_lar.sh":
        ctx.finding(Fate.MANUAL, "X2P225", stage.script, script=stage.script.value)
        ctx.remark(stage.script)
    else:
        ctx.fate(Fate.BY_DESIGN, stage.script)
    for setting, default in (
        (stage.startscript, "condor_start_project.sh"),
        (stage.stopscript, "condor_stop_project.sh"),
    ):
        if setting.origin and setting.value != default:
            ctx.finding(Fate.UNSUPPORTED, "X2P226", setting, script=setting.value)
            ctx.remark(setting)
        else:
            ctx.fate(Fate.BY_DESIGN, setting)
