"""Every campaign of the corpus launches from its family's template as from its own campaign.cfg."""

from __future__ import annotations

from tests import corpus
from tests.programs_families import real_families
from tests.test_families import check

pytestmark = corpus.needs_corpus


def test_most_campaigns_are_of_few_families() -> None:
    families = real_families()
    assert len(families) <= 25
    assert sum(len(one.members) for one in families) >= 750


def test_each_member_launches_what_it_launches_by_itself() -> None:
    for one in real_families():
        check([real.member for real in one.members], one.family)
