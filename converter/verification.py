"""What project.py would launch and what a campaign.cfg would, stage by stage, job by job."""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from converter.errors import CfgError, UsageError
from converter.launch.campaign import campaign_plan, launch_words
from converter.launch.compare import Difference, announcing, differences, fields_of
from converter.launch.plan import Circumstances, Plan, Value
from converter.launch.poms import PomsLaunch, poms_launches, project_flow
from converter.launch.projectpy import project_plan
from converter.launch.real import real_words
from converter.mapping.campaign import Mapped, map_project
from converter.mapping.flow import FIFE_LAUNCH
from converter.mapping.inputs import sources
from converter.model import Project, Stage
from converter.poms.factor import factor
from converter.poms.ini import written_ini
from converter.poms.reader import read_cfg, stage_names
from converter.poms.writer import written
from converter.profiles import Profile

__all__ = ["ANNOUNCED", "SAME", "UNANNOUNCED", "Field", "StageCheck", "Verification", "verify"]

SAME, ANNOUNCED, UNANNOUNCED = "same", "announced", "unannounced"

_MOST_FILES = 20_000
"""Of an input list that is not here so many files are made up at most."""

_HANDED_OVER = "yes"
"""project.py lists a stage's files for the next one; in POMS SAM has to know them."""


class Field(Struct, frozen=True):
    """One field of both plans.

    project, campaign  the values; where they differ, only the lines that the other has not
    verdict            SAME, ANNOUNCED by the findings `codes`, or UNANNOUNCED
    """

    name: str
    project: Value
    campaign: Value
    verdict: str
    codes: tuple[str, ...] = ()
    reordered: bool = False


class StageCheck(Struct, frozen=True):
    """One job of one stage; `error` where the campaign would not run it at all."""

    stage: str
    process: int
    fields: tuple[Field, ...] = ()
    error: CfgError | None = None

    @property
    def verdict(self) -> str:
        """The worst of its fields'."""
        if self.error is not None:
            return UNANNOUNCED
        verdicts = {one.verdict for one in self.fields}
        return next((v for v in (UNANNOUNCED, ANNOUNCED) if v in verdicts), SAME)


class Verification(Struct, frozen=True):
    """A project and a campaign side by side.

    missing  stages of the project that the campaign does not have
    extra    stages of the campaign that the project does not have
    invented the input lists that are not here: files were made up for them
    said     finding that announces something → the values for its message, of the first of them
    """

    source: str
    cfg: str
    ini: str | None
    project: str
    checks: tuple[StageCheck, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    said: Mapping[str, Mapping[str, str]] = {}

    @property
    def verdict(self) -> str:
        if self.missing:
            return UNANNOUNCED
        verdicts = {check.verdict for check in self.checks}
        return next((v for v in (UNANNOUNCED, ANNOUNCED) if v in verdicts), SAME)

    def count(self, verdict: str) -> int:
        """How many fields have that verdict."""
        return sum(one.verdict == verdict for check in self.checks for one in check.fields)


def verify(
    projects: tuple[Project, ...],
    profile: Profile,
    text: str,
    *,
    source: str = "project.xml",
    cfg: str = "campaign.cfg",
    ini: tuple[str, str] | None = None,
    project: str | None = None,
    stages: Sequence[str] = (),
    processes: Sequence[int] = (),
    find: Callable[[str], str | None] = lambda name: None,
    overrides: Sequence[str] = (),
    real: Path | None = None,
) -> Verification:
    """Compare the plans of both sides.

    text       of the campaign.cfg, called `cfg`
    ini        name and text of the campaign.ini: then stages are as POMS launches them
    project    which project the campaign is of; None: the one that has its stages
    stages     by their names in either; none: all
    processes  numbers of jobs; none: the first and the last of each stage
    find       the text of a file that the campaign.cfg includes
    overrides  `section.key=value`, as after -O
    real       the campaign.cfg on disk: the real fife_launch is asked too

    Raises CfgError where the campaign.cfg or .ini cannot be read at all, UsageError where a
    project or stage is not there.
    """
    config = read_cfg(text, cfg, overrides=overrides, find=find)
    there = stage_names(config)
    index = _project(projects, project, there)
    mapped = map_project(projects, index, profile, source, cfg=Path(cfg).name)
    launches = poms_launches(ini[1], ini[0]) if ini else {}
    side = _Sides(
        projects, index, profile, mapped, config, cfg, text, launches, tuple(overrides), real
    )
    names = {mapped.names[id(s)]: s for s in projects[index].reachable}
    wanted = _wanted(names, stages)
    checks = []
    for name in wanted:
        if name in there:
            stage = names[name]
            jobs = processes or sorted({0, max(stage.numjobs.value - 1, 0)})
            checks += [side.check(stage, name, process) for process in jobs]
    given = [config.get(f"stage_{s}", "parent", raw=True, fallback="") for s in there]
    parents = {parent for one in given for parent in one.split(",")}
    return Verification(
        source,
        cfg,
        ini[0] if ini else None,
        projects[index].name.value,
        tuple(checks),
        missing=tuple(name for name in wanted if name not in there),
        extra=tuple(s for s in there if s not in names and s not in parents and not stages),
        invented=tuple(dict.fromkeys(side.invented)),
        said={r.code: r.slots for r in reversed(mapped.records.records) if r.code},
    )


def _project(projects: tuple[Project, ...], wanted: str | None, there: Sequence[str]) -> int:
    """The project that a campaign is of."""
    if wanted is not None:
        found = [n for n, project in enumerate(projects) if project.name.value == wanted]
    else:
        score = [
            sum(stage.name.value in there for stage in project.reachable) for project in projects
        ]
        best = max(score)
        found = [n for n, number in enumerate(score) if number == best]
    if len(found) == 1:
        return found[0]
    raise UsageError(
        "X2P906",
        f"no project {wanted!r}" if wanted else "it is not clear which project this campaign is of",
        f"--project {' | '.join(p.name.value for p in projects)}",
    )


def _wanted(names: Mapping[str, Stage], stages: Sequence[str]) -> list[str]:
    """The stages to compare, by their names in the campaign."""
    if not stages:
        return list(names)
    found = []
    for wanted in stages:
        same = [n for n, stage in names.items() if wanted in (n, stage.name.value)]
        if not same:
            raise UsageError(
                "X2P909", f"the project has no stage {wanted!r}", f"it has: {', '.join(names)}"
            )
        found += same[:1]
    return found


class _Sides:
    """Both sides of a campaign, and what the conversion itself would give."""

    def __init__(
        self,
        projects: tuple[Project, ...],
        index: int,
        profile: Profile,
        mapped: Mapped,
        config: configparser.ConfigParser,
        cfg: str,
        text: str,
        launches: Mapping[str, PomsLaunch],
        overrides: tuple[str, ...],
        real: Path | None,
    ) -> None:
        self.real, self.text = real, text
        self.projects, self.index, self.profile = projects, index, profile
        self.mapped, self.config, self.cfg = mapped, config, cfg
        self.launches, self.overrides = launches, overrides
        self.converted = read_cfg(written(factor(mapped.config), comments=False), cfg)
        self.usual: Mapping[str, PomsLaunch] = {}
        if launches and mapped.ini is not None:
            self.usual = poms_launches(written_ini(mapped.ini), "campaign.ini")
        self.invented: list[str] = []
        _, self.feeds = sources(projects)

    def check(self, stage: Stage, name: str, process: int) -> StageCheck:
        """Compare one job of a stage."""
        project = self.projects[self.index]
        job = Circumstances(process, tuple(self._files(stage)))
        theirs = project_plan(project, stage, self.profile, job, name=name)
        codes = {
            record.code
            for record in self.mapped.records.records
            if record.code and record.stage in (None, name)
        }
        said = announcing("refused", codes)
        try:
            usual = self._campaign(self.converted, name, job, self.usual, ())
            said = ()
        except CfgError:
            usual = theirs
        try:
            ours = self._campaign(self.config, name, job, self.launches, self.overrides)
        except CfgError as error:
            if not said:
                return StageCheck(name, process, (), error)
            # The conversion's own campaign would not run either, and a finding says so.
            return StageCheck(name, process, (Field("refused", "", str(error), ANNOUNCED, said),))
        if stage.input.kind == "list":
            # The list itself is read from where it arrives.
            listed = stage.input.value.value.strip().rsplit("/", 1)[-1]
            theirs, usual = _not_at_hand(theirs, listed), _not_at_hand(usual, listed)
            ours = _not_at_hand(ours, listed)
        if id(stage) in self.feeds:
            # project.py's list of a stage's files has its art files only.
            types = [kind for kind in stage.datafiletypes.value if kind] or ["root"]
            theirs = _with(theirs, {"handed over": _HANDED_OVER if "root" in types else ""})
        if self.launches:
            role = str(theirs.fields.get("role", ""))
            flow = project_flow(self.projects, self.index, stage, self.mapped.names, role)
            flow["launches"] = f"stage {name} of {Path(self.cfg).name}"
            theirs = _with(theirs, flow)
        if id(stage) in self.feeds:
            found = ours.fields.get("declared to SAM") and ours.fields.get("SAM location")
            ours = _with(ours, {"handed over": _HANDED_OVER if found else ""})
        different = {d.field: d for d in differences(theirs, ours)}
        fields = [
            self._field(one, theirs, ours, usual, different.get(one), codes)
            for one in fields_of(theirs, ours)
        ]
        if self.real is not None:
            fields.append(self._asked(self.real, name, job))
        return StageCheck(name, process, tuple(fields))

    def _asked(self, cfg: Path, name: str, job: Circumstances) -> Field:
        """Whether the real fife_launch gives the words that are followed here."""
        launched = self.launches.get(name)
        overrides = (*(launched.overrides if launched else ()), *self.overrides)
        followed = launch_words(self.config, name, job, overrides)
        asked = real_words(cfg, name, job.user, overrides)
        if followed == asked:
            return Field("fife_launch", ("the same words",), ("the same words",), SAME)
        lines = [" ".join(word for words in both for word in words) for both in (followed, asked)]
        return Field("fife_launch", (lines[0],), (lines[1],), UNANNOUNCED)

    def _field(
        self,
        name: str,
        theirs: Plan,
        ours: Plan,
        usual: Plan,
        difference: Difference | None,
        codes: set[str],
    ) -> Field:
        value = ours.fields.get(name, "")
        if difference is None:
            return Field(name, theirs.fields.get(name, ""), value, SAME)
        said = announcing(name, codes)
        # What a finding says of the conversion does not excuse another value.
        verdict = ANNOUNCED if said and usual.fields.get(name, "") == value else UNANNOUNCED
        return Field(
            name,
            difference.project,
            difference.campaign,
            verdict,
            said if verdict == ANNOUNCED else (),
            difference.reordered,
        )

    def _campaign(
        self,
        config: configparser.ConfigParser,
        name: str,
        job: Circumstances,
        launches: Mapping[str, PomsLaunch],
        overrides: tuple[str, ...],
    ) -> Plan:
        if not launches:
            return campaign_plan(
                config, name, job, name=self.cfg, text=self.text, overrides=overrides
            )
        launched = launches.get(name)
        if launched is None:
            raise CfgError(
                "X2P837", f"the campaign.ini has no stage {name}", "convert the XML again"
            )
        if launched.launcher != FIFE_LAUNCH:
            raise CfgError(
                "X2P837",
                f"POMS launches {launched.launcher}, not fife_launch with the campaign.cfg",
                "verify without --ini, or convert with --launcher fife_launch",
            )
        plan = campaign_plan(
            config,
            launched.stage or name,
            job,
            name=self.cfg,
            text=self.text,
            overrides=(*launched.overrides, *overrides),
        )
        return _with(plan, launched.fields)

    def _files(self, stage: Stage) -> Iterator[str]:
        """The files that a stage's jobs share out: of its list if that is here, else made up."""
        if stage.input.kind in ("list", "stage"):
            path = Path(stage.input.value.value.strip())
            try:
                yield from path.read_text(encoding="utf-8").splitlines()
                return
            except (OSError, ValueError):
                if stage.input.kind == "list":
                    self.invented.append(str(path))
        # One more than the jobs take, and names that occur twice: so the rules for both show.
        jobs, most = max(stage.numjobs.value, 1), stage.maxfilesperjob.value
        count = jobs * most + 1 if most > 0 else 2 * jobs + 1
        if stage.inputmode.value.strip() == "textfile":
            count = jobs
        folder = f"/pnfs/{self.profile.experiment}/example"
        for number in range(min(count, _MOST_FILES)):
            yield f"{folder}/{number}/file{number // 2:04d}.root"


def _not_at_hand(plan: Plan, name: str) -> Plan:
    there = plan.fields.get("files at hand", ())
    return _with(plan, {"files at hand": tuple(one for one in there if one != name)})


def _with(plan: Plan, fields: Mapping[str, Value]) -> Plan:
    """The plan with some of its fields replaced."""
    return Plan(plan.stage, plan.process, {**plan.fields, **fields})
