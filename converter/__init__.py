"""xml2poms: from project.py XML workflows to POMS/fife_launch campaigns."""

from importlib import import_module

# As in typing, which takes a while to import: until the command runs, a signal is Python's own.
TYPE_CHECKING = False

if TYPE_CHECKING:
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

_HOMES = {
    "converter.conversion": ("Campaign", "Conversion", "Options", "convert"),
    "converter.errors": ("ConversionError",),
    "converter.model": ("Project", "Stage", "Substage", "Value"),
    "converter.profiles": ("Profile", "profile"),
    "converter.projectpy.reader": ("Reading", "read"),
}


def __getattr__(name: str) -> object:
    # Imported when it is asked for: `xml2poms --version` needs none of it.
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
