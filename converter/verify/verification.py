"""What project.py would launch and what a campaign.cfg would, stage by stage, job by job."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from converter.errors import CfgError, UsageError
from converter.feeding import sources
from converter.findings.catalogue import announcing
from converter.model import Project, Stage
from converter.poms.document import Document
from converter.poms.reader import read_cfg, stage_names
from converter.profiles import Profile
from converter.profiles.roles import decide
from converter.reading import open_text
from converter.verify.campaign.campaign import Campaign, launch_words
from converter.verify.campaign.poms import FIFE_LAUNCH, PomsLaunch, poms_launches
from converter.verify.campaign.real import real_words
from converter.verify.compare import Difference, differences, fields_of
from converter.verify.plan import FAILS, LEFT_OUT, OTHERS, TOO_LONG, Circumstances, Plan, Value
from converter.verify.project.condor_lar import share
from converter.verify.project.flow import project_flow
from converter.verify.project.projectpy import project_plan

__all__ = [
    "ACCEPTED",
    "ANNOUNCED",
    "SAME",
    "UNANNOUNCED",
    "WORST_FIRST",
    "Announcement",
    "Field",
    "StageCheck",
    "Usual",
    "Verification",
    "verify",
]

SAME, ANNOUNCED, UNANNOUNCED = "same", "announced", "unannounced"

ACCEPTED = "accepted"
"""Of a difference that no finding announces: somebody has accepted it."""

WORST_FIRST = (UNANNOUNCED, ACCEPTED, ANNOUNCED, SAME)

_MOST_FILES = 20_000
"""Of an input list that is not here so many files are made up at most."""

_LONGEST_LINE = 1 << 16
"""What has longer lines is no list of files, in characters."""

_AROUND = 50
"""Of a list so many lines around either end of a job's share are taken, and a short share whole.

A job does with those between what it does with these; what it takes of the list shows at the ends.
"""

_MOST_JOBS = 150
"""So many are compared where nobody says which: the first ones of stages before the last ones.

Campaigns have at most 60.
"""

_MOST_STEPS = 10_000
"""To follow what becomes of jobs when a program fails, of all jobs together."""

_LARGEST_LIST = 1 << 26
"""Bytes of a list beyond which it is not looked at: paths of half a million files."""

_HANDED_OVER = "yes"
"""project.py lists a stage's files for the next one; in POMS SAM has to know them."""


class Announcement(Struct, frozen=True):
    """A finding of the conversion: its code, the values for its message, the stage or None."""

    code: str
    stage: str | None
    slots: Mapping[str, str]


class Usual(Struct, frozen=True):
    """What the conversion of a project gives, for what its findings announce.

    names     path of a stage in the document → its name in the campaign
    cfg, ini  the texts; no .ini where there is no stage
    scripts   name → text of the files beside the .cfg
    findings  what it says
    """

    names: Mapping[str, str]
    cfg: str
    ini: str | None
    scripts: Mapping[str, str]
    findings: tuple[Announcement, ...]


class Field(Struct, frozen=True):
    """One field of both plans.

    project, campaign  the values; where they differ, only the lines that the other has not
    verdict            SAME, ANNOUNCED by the findings `codes`, UNANNOUNCED, or ACCEPTED
    reason             why it is accepted
    """

    name: str
    project: Value
    campaign: Value
    verdict: str
    codes: tuple[str, ...] = ()
    reordered: bool = False
    reason: str = ""


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
        return next((v for v in WORST_FIRST if v in verdicts), SAME)


class Verification(Struct, frozen=True):
    """A project and a campaign side by side.

    missing  stages of the project that the campaign does not have
    extra    stages of the campaign that the project does not have
    invented the input lists that are not here: files were made up for them
    shortened  stages of which the jobs have long lists: of a share only the ends are compared
    first_only  whether there are so many jobs that only the first of each stage is compared
    left     the stages of which none is, for the same reason
    open     stage → the fields that are not compared, since to follow them would take too long
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
    shortened: tuple[str, ...] = ()
    first_only: bool = False
    left: tuple[str, ...] = ()
    open: Mapping[str, tuple[str, ...]] = {}
    said: Mapping[str, Mapping[str, str]] = {}

    @property
    def verdict(self) -> str:
        if self.missing:
            return UNANNOUNCED
        verdicts = {check.verdict for check in self.checks}
        return next((v for v in WORST_FIRST if v in verdicts), SAME)

    def count(self, verdict: str) -> int:
        """How many fields have that verdict."""
        return sum(one.verdict == verdict for check in self.checks for one in check.fields)


def verify(
    projects: tuple[Project, ...],
    profile: Profile,
    text: str,
    usual: Callable[[int], Usual],
    *,
    source: str = "project.xml",
    cfg: str = "campaign.cfg",
    inis: Sequence[tuple[str, str]] = (),
    project: str | None = None,
    stages: Sequence[str] = (),
    processes: Sequence[int] = (),
    find: Callable[[str], str | None] = lambda name: None,
    beside: Callable[[str], str | None] = lambda name: None,
    overrides: Sequence[str] = (),
    real: Path | None = None,
) -> Verification:
    """Compare the plans of both sides.

    text       of the campaign.cfg, called `cfg`
    usual      what the conversion of the project of that index gives
    inis       name and text of the campaign.ini, or of each: then stages are as POMS launches them
    project    which project the campaign is of; None: the one that has its stages
    stages     by their names in either; none: all
    processes  numbers of jobs; none: the first and the last of each stage; of very many
               only the first ones
    find       the text of a file that the campaign.cfg includes
    beside     the text of a file that lies beside it
    overrides  `section.key=value`, as after -O
    real       the campaign.cfg on disk: the real fife_launch is asked too

    Raises CfgError where the campaign.cfg or .ini cannot be read at all, UsageError where a
    project or stage is not there.
    """
    config = read_cfg(text, cfg, overrides=overrides, find=find)
    there = dict.fromkeys(stage_names(config))
    index = _project(projects, project, there)
    converted = usual(index)
    launches: dict[str, PomsLaunch] = {}
    for name, ini in inis:
        launches |= poms_launches(ini, name)
    side = _Sides(
        *(projects, index, profile, converted, config, cfg, text, beside, launches),
        *(tuple(overrides), real),
    )
    names = {converted.names[s.origin.path]: s for s in projects[index].reachable}
    wanted = _wanted(names, stages)
    jobs = [
        (name, process)
        for name in wanted
        if name in there
        for process in processes or sorted({0, max(names[name].numjobs.value - 1, 0)})
    ]
    first_only = not (stages or processes) and len(jobs) > _MOST_JOBS
    left: list[str] = []
    if first_only:
        jobs = [(name, process) for name, process in jobs if process == 0]
        left = [name for name, _ in jobs[_MOST_JOBS:]]
        jobs = jobs[:_MOST_JOBS]
    checks = [side.check(names[name], name, process) for name, process in jobs]
    given = [config.sections[f"stage_{s}"].get("parent", "") for s in there]
    parents = {parent for one in given for parent in one.split(",")}
    return Verification(
        source,
        cfg,
        ", ".join(name for name, _ in inis) or None,
        projects[index].name.value,
        tuple(checks),
        missing=tuple(name for name in wanted if name not in there),
        extra=tuple(s for s in there if s not in names and s not in parents and not stages),
        invented=tuple(dict.fromkeys(side.invented)),
        shortened=tuple(dict.fromkeys(side.shortened)),
        first_only=first_only,
        left=tuple(left),
        open={name: tuple(fields) for name, fields in side.open.items()},
        said={one.code: one.slots for one in reversed(converted.findings)},
    )


def _project(projects: tuple[Project, ...], wanted: str | None, there: Collection[str]) -> int:
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
        usual: Usual,
        config: Document,
        cfg: str,
        text: str,
        beside: Callable[[str], str | None],
        launches: Mapping[str, PomsLaunch],
        overrides: tuple[str, ...],
        real: Path | None,
    ) -> None:
        self.real = real
        self.projects, self.index = projects, index
        # Decided once: each stage is looked at for it.
        self.profile = replace(profile, role=decide(projects[index], profile).role)
        self.names = usual.names
        self.config, self.cfg = config, cfg
        self.launches, self.overrides = launches, overrides
        self.given = Campaign(config, name=cfg, text=text, beside=beside)
        self.converted = Campaign(
            read_cfg(usual.cfg, cfg), name=cfg, text=usual.cfg, beside=usual.scripts.get
        )
        self.usual: Mapping[str, PomsLaunch] = {}
        if launches and usual.ini is not None:
            self.usual = poms_launches(usual.ini, "campaign.ini")
        self._lists: dict[str, int | None] = {}
        self.codes: dict[str | None, set[str]] = {}
        for one in usual.findings:
            self.codes.setdefault(one.stage, set()).add(one.code)
        self.invented: list[str] = []
        self.shortened: list[str] = []
        self.open: dict[str, dict[str, None]] = {}
        self.sources, feeds = sources(projects)
        self.feeds = {name for path, name in usual.names.items() if path in feeds}

    def check(self, stage: Stage, name: str, process: int) -> StageCheck:
        """Compare one job of a stage."""
        project = self.projects[self.index]
        steps = max(_MOST_STEPS - self.given.steps, 0)
        job = Circumstances(process, self._files(stage, process), steps=steps)
        theirs = project_plan(project, stage, self.profile, job, name=name)
        codes = self.codes.get(None, set()) | self.codes.get(name, set())
        try:
            ours = self._campaign(self.given, name, job, self.launches, self.overrides)
        except CfgError as error:
            said = announcing("refused", codes)
            if not said or not (self._as_converted(name) or self._usual(name, job) is None):
                return StageCheck(name, process, (), error)
            # The conversion's own campaign would not run either, and a finding says so.
            return StageCheck(name, process, (Field("refused", "", str(error), ANNOUNCED, said),))
        listed = ""
        if stage.input.kind == "list":
            # The list itself is read from where it arrives.
            listed = stage.input.value.value.strip().rpartition("/")[2]
            theirs, ours = _not_at_hand(theirs, listed), _not_at_hand(ours, listed)
        usual = cache(partial(self._usual_plan, name, job, theirs, ours, listed))
        if name in self.feeds:
            # project.py's list of a stage's files has its art files only.
            types = [kind for kind in stage.datafiletypes.value if kind] or ["root"]
            handed = _HANDED_OVER if "root" in types else ""
            theirs = _with(theirs, {"visible to the next stage": handed})
        if self.launches:
            role = str(theirs.fields.get("role", ""))
            flow = project_flow(project, stage, self.sources[stage.origin.path], self.names, role)
            flow["launches"] = f"stage {name} of {Path(self.cfg).name}"
            theirs = _with(theirs, flow)
        left = self._left_open(theirs, ours, usual, codes)
        if left:
            self.open.setdefault(name, {}).update(dict.fromkeys(left))
            theirs, ours = _without(theirs, left), _without(ours, left)
        different = {d.field: d for d in differences(theirs, ours)}
        fields = [
            self._field(one, theirs, ours, usual, different.get(one), codes)
            for one in fields_of(theirs, ours)
        ]
        if self.real is not None:
            fields.append(self._asked(self.real, name, job))
        return StageCheck(name, process, tuple(fields))

    def _left_open(
        self, theirs: Plan, ours: Plan, usual: Callable[[], Plan], codes: set[str]
    ) -> list[str]:
        """The fields that take too long to follow, in the conversion's own campaign as in this."""
        left = _not_followed(ours, theirs, codes)
        if left:
            left &= _not_followed(usual(), theirs, codes)
        names = {name for name, _ in left}
        return [name for name in (*theirs.fields, OTHERS) if name in names]

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
        usual: Callable[[], Plan],
        difference: Difference | None,
        codes: set[str],
    ) -> Field:
        value = ours.fields.get(name, "")
        if difference is None:
            return Field(name, theirs.fields.get(name, ""), value, SAME)
        said = announcing(name, codes)
        # What a finding says of the conversion does not excuse another value.
        verdict = ANNOUNCED if said and usual().fields.get(name, "") == value else UNANNOUNCED
        return Field(
            name,
            difference.project,
            difference.campaign,
            verdict,
            said if verdict == ANNOUNCED else (),
            difference.reordered,
        )

    def _usual_plan(
        self, name: str, job: Circumstances, theirs: Plan, ours: Plan, listed: str
    ) -> Plan:
        """What the conversion's own campaign would do; project.py's plan where it would not run."""
        if self._as_converted(name):
            return ours
        found = self._usual(name, job)
        return theirs if found is None else _not_at_hand(found, listed)

    def _usual(self, name: str, job: Circumstances) -> Plan | None:
        """The conversion's own plan of a job; None where it would not run."""
        try:
            return self._campaign(self.converted, name, job, self.usual, ())
        except CfgError:
            return None

    @cached_property
    def _unchanged(self) -> bool:
        return self.given.reads_as(self.converted)

    def _as_converted(self, name: str) -> bool:
        """Whether a stage is launched as in the conversion's own campaign."""
        given, usual = self.launches.get(name), self.usual.get(name)
        if self.overrides or given != usual:
            return False
        if self._unchanged:
            return True
        if given is None:
            return self.given.launches_as(self.converted, name)
        return self.given.launches_as(self.converted, given.stage or name, given.overrides)

    def _campaign(
        self,
        campaign: Campaign,
        name: str,
        job: Circumstances,
        launches: Mapping[str, PomsLaunch],
        overrides: tuple[str, ...],
    ) -> Plan:
        if launches:
            launched = _launch(launches, name)
            words = (*launched.overrides, *overrides)
            plan = _with(campaign.plan(launched.stage or name, job, words), launched.fields)
        else:
            plan = campaign.plan(name, job, overrides)
        if name in self.feeds:
            found = plan.fields.get("declared to SAM") and plan.fields.get("SAM location")
            plan = _with(plan, {"visible to the next stage": _HANDED_OVER if found else ""})
        return plan

    def _files(self, stage: Stage, process: int) -> tuple[str, ...]:
        """The files that a stage's jobs share out: of its list if that is here, else made up.

        Only the job's share is taken, and what is around it; of a long one the ends.
        """
        path = stage.input.value.value.strip()
        count = self._lines_of(path) if stage.input.kind in ("list", "stage") else None
        invented = count is None
        if count is None:
            if stage.input.kind == "list":
                self.invented.append(str(Path(path)))
            count = self._invented_files(stage)
        if stage.input.kind not in ("list", "stage"):
            return (LEFT_OUT,) * count  # nobody reads their names
        mine = share(stage, process, count)
        kept = [range(max(p - _AROUND, 0), p + _AROUND) for p in (mine.start, mine.stop)]
        if len(mine) > 2 * _AROUND:
            self.shortened.append(stage.name.value)
        else:
            kept = [range(kept[0].start, kept[1].stop)]
        names = [LEFT_OUT] * count
        for places in kept:
            there = islice(_read_lines(path), places.start, places.stop)
            names[places.start : places.stop] = self._names(places) if invented else there
        return tuple(names[:count])

    def _lines_of(self, path: str) -> int | None:
        """How many lines a list has; None where it is not here."""
        if path not in self._lists:
            try:
                self._lists[path] = sum(1 for _ in _read_lines(path))
            except (OSError, ValueError):
                self._lists[path] = None
        return self._lists[path]

    def _invented_files(self, stage: Stage) -> int:
        # One more than the jobs take: so the rule for that shows.
        jobs, most = max(stage.numjobs.value, 1), stage.maxfilesperjob.value
        count = jobs * most + 1 if most > 0 else 2 * jobs + 1
        if stage.inputmode.value.strip() == "textfile":
            count = jobs
        return min(count, _MOST_FILES)

    def _names(self, places: range) -> Iterator[str]:
        """Names that occur twice: so the rule for that shows too."""
        folder = f"/pnfs/{self.profile.experiment}/example"
        return (f"{folder}/{number}/file{number // 2:04d}.root" for number in places)


def _not_followed(plan: Plan, theirs: Plan, codes: set[str]) -> set[tuple[str, Value]]:
    """The fields of a campaign's plan that are not followed, and what each says instead.

    Of very many programs the last ones have one field together, on the other side each its own.
    Of a job that is not followed to its end all is left open that differs, unless one of `codes`
    announces it.
    """
    found: set[tuple[str, Value]]
    found = {(name, value) for name, value in plan.fields.items() if value == TOO_LONG}
    if plan.fields.get(OTHERS) == TOO_LONG:
        different = [difference.field for difference in differences(theirs, plan)]
        unsaid = [name for name in different if not announcing(name, codes)]
        found.update((name, plan.fields.get(name, "")) for name in unsaid)
    elif OTHERS in plan.fields:
        alone = theirs.fields.keys() - plan.fields.keys()
        together = (OTHERS, *(name for name in alone if FAILS.fullmatch(name)))
        found.update((name, plan.fields[OTHERS]) for name in together)
    return found


def _launch(launches: Mapping[str, PomsLaunch], name: str) -> PomsLaunch:
    """How POMS launches a stage, where it does so with the campaign.cfg."""
    launched = launches.get(name)
    if launched is None:
        raise CfgError("X2P837", f"the campaign.ini has no stage {name}", "convert the XML again")
    if launched.launcher != FIFE_LAUNCH:
        raise CfgError(
            "X2P837",
            f"POMS launches {launched.launcher}, not fife_launch with the campaign.cfg",
            "verify without --ini, or convert with --launcher fife_launch",
        )
    return launched


def _read_lines(path: str) -> Iterator[str]:
    """The lines of a list.  Raises OSError, and ValueError where it is no text, or no list."""
    if os.path.getsize(path) > _LARGEST_LIST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    with open_text(path) as file:
        while line := file.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise ValueError(f"{path}: a line is too long")
            yield line.rstrip("\n")


def _not_at_hand(plan: Plan, name: str) -> Plan:
    there = plan.fields.get("files at hand", ())
    return _with(plan, {"files at hand": tuple(one for one in there if one != name)})


def _with(plan: Plan, fields: Mapping[str, Value]) -> Plan:
    """The plan with some of its fields replaced."""
    return Plan(plan.stage, plan.process, {**plan.fields, **fields})


def _without(plan: Plan, left: Collection[str]) -> Plan:
    """The plan without some of its fields."""
    kept = {name: value for name, value in plan.fields.items() if name not in left}
    return Plan(plan.stage, plan.process, kept)
