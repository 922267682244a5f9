"""Whatever comes in: a conversion whose fates add up, or one of our own errors."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.conversion import Conversion, Options, convert_bytes
from converter.errors import ConversionError
from converter.findings.fates import Fate
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY
from converter.profiles import EXPERIMENTS
from converter.projectpy.document import parse
from tests.projects import ini_keys
from tests.strategies import documents, mangled

LAUNCHERS = (FIFE_LAUNCH, FIFE_LAUNCH, PROJECT_PY)
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(conversion: Conversion, data: bytes) -> None:
    report = conversion.report
    leaves = [leaf.path for leaf in parse(data).root.leaves()]
    assert [setting.path for setting in report.settings] == leaves
    assert len(set(leaves)) == len(leaves)
    assert sum(report.fates.values()) == len(leaves)
    told = {t for s in (*report.settings, *report.implied, *report.findings) for t in s.targets}
    assert ini_keys(conversion) <= told


@MANY
@given(documents(), st.sampled_from([*EXPERIMENTS, "nova"]), st.sampled_from(LAUNCHERS))
def test_documents_convert(data: bytes, experiment: str, launcher: str) -> None:
    """Each setting gets a fate and messages that its row in the settings table has."""
    options = Options(launcher=launcher)
    try:
        conversion = convert_bytes(data, "x.xml", experiment=experiment, options=options)
    except ConversionError:
        return
    check(conversion, data)


@MANY
@given(documents())
def test_the_same_input_gives_the_same_output(data: bytes) -> None:
    try:
        one = convert_bytes(data, "x.xml", experiment="uboone")
    except ConversionError:
        return
    assert convert_bytes(data, "x.xml", experiment="uboone") == one


@MANY
@given(mangled())
def test_mangled_documents_convert_or_are_refused(data: bytes) -> None:
    try:
        conversion = convert_bytes(data, "x.xml", experiment="dune")
    except ConversionError:
        return
    check(conversion, data)


def test_fates_are_ordered_by_what_they_cost() -> None:
    assert [fate.value for fate in sorted(Fate, key=lambda f: f.rank)] == [
        "overridden",
        "by-design",
        "mapped",
        "derived",
        "inert",
        "manual",
        "unsupported",
        "invalid",
    ]
