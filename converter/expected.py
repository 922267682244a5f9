"""What the conversion itself gives: verify measures a campaign against it, where they differ."""

from __future__ import annotations

from converter.mapping.campaign import map_project
from converter.model import Project
from converter.poms.factor import factor
from converter.poms.ini import write_ini
from converter.poms.writer import write_cfg
from converter.profiles import Profile
from converter.verify.verification import Announcement, Usual

__all__ = ["as_converted"]


def as_converted(
    projects: tuple[Project, ...], profile: Profile, source: str, cfg: str, index: int
) -> Usual:
    """What the conversion of the project of that index gives."""
    mapped = map_project(projects, index, profile, source, cfg=cfg)
    return Usual(
        mapped.names,
        write_cfg(factor(mapped.config), comments=False),
        write_ini(mapped.ini) if mapped.ini is not None else None,
        mapped.config.scripts,
        tuple(
            Announcement(record.code, record.stage, record.slots)
            for record in mapped.records.records
            if record.code
        ),
    )
