"""Experiments: facts as data, and telling whose file one has."""

from __future__ import annotations

import pytest

from converter.errors import UsageError
from converter.profiles import EXPERIMENTS, contrary, conventions, guess, profile


@pytest.fixture(autouse=True)
def _no_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPERIMENT", raising=False)
    monkeypatch.delenv("SAM_EXPERIMENT", raising=False)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_profile_is_complete(name: str) -> None:
    facts = profile(name)
    assert facts.experiment == name
    assert facts.setup.startswith("/cvmfs/")
    assert facts.dropbox
    assert "{tier}" in facts.dimensions


def test_any_other_experiment_gets_the_conventions() -> None:
    facts = conventions("nova")
    assert facts.product == "novacode"
    assert facts.setup == "/cvmfs/nova.opensciencegrid.org/products/nova/setup_nova.sh"
    assert (facts.dropbox, facts.metadata) == ("", "none")


@pytest.mark.parametrize("name", ["", "No such", "../x", "DUNE", "dun", "nova", "lbne"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        profile(name)


@pytest.mark.parametrize(
    ("groups", "texts", "products", "expected"),
    [
        (["uboone"], ["/pnfs/dune/x"], ["sbndcode"], "uboone"),
        (["lbne"], [], [], "dune"),
        ([], ["/pnfs/icarus/scratch/x"], [], "icarus"),
        ([], ["/exp/sbnd/app/users/x"], [], "sbnd"),
        ([], ["/lariat/data/users/x"], [], "lariat"),
        ([], ["/lbne/data2/x", "/dune/app/x"], [], "dune"),
        ([], ["/cvmfs/uboone.opensciencegrid.org/x"], [], "uboone"),
        ([], ["/pnfs/elsewhere/x"], ["icaruscode"], "icarus"),
        ([], [], ["dunesw"], "dune"),
        (["nova"], [], [], "nova"),
    ],
)
def test_signs(groups: list[str], texts: list[str], products: list[str], expected: str) -> None:
    assert guess(groups, texts, products) == expected


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_EXPERIMENT", "sbnd")
    assert guess(["dune"], [], []) == "sbnd"


@pytest.mark.parametrize(
    ("groups", "texts"), [([], []), (["dune", "sbnd"], []), ([], ["/pnfs/dune/x", "/pnfs/sbnd/y"])]
)
def test_signs_that_disagree_or_are_missing(groups: list[str], texts: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        guess(groups, texts, [])
    assert "--experiment" in caught.value.advice


@pytest.mark.parametrize(
    ("groups", "texts", "products", "expected"),
    [
        ([], ["a.fcl", "/pnfs/uboone/x", "/uboone/app/x"], [], [("/pnfs/uboone/", 1)]),
        (["uboone"], ["uboone", "/pnfs/dune/x"], [], [("uboone", 0)]),
        ([], ["sbndcode", "sbndcode"], ["sbndcode"], [("sbndcode", 0)]),
        (["lbne"], ["/pnfs/lbne/x", "dunetpc", "lbne", "uboone_nightly"], ["dunetpc"], []),
    ],
)
def test_signs_of_another_experiment(
    groups: list[str], texts: list[str], products: list[str], expected: list[tuple[str, int]]
) -> None:
    found = [(sign.text, sign.place) for sign in contrary("dune", groups, texts, products)]
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)
