"""xml2poms: from project.py XML workflows to POMS/fife_launch campaigns."""

from converter.conversion import Campaign, Conversion, Options, convert
from converter.errors import ConversionError
from converter.model import Project, Stage, Substage, Value
from converter.profiles import Profile, profile
from converter.projectpy.reader import Reading, read

__all__ = [
    "Campaign",
    "Conversion",
    "ConversionError",
    "Options",
    "Profile",
    "Project",
    "Reading",
    "Stage",
    "Substage",
    "Value",
    "convert",
    "profile",
    "read",
]
