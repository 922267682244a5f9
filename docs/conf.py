"""How Sphinx makes the documentation: `sphinx-build -W docs OUT`."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "xml2poms"
author = "The xml2poms developers"
project_copyright = author
version = release = metadata.version("xml2poms")

extensions = ["myst_parser", "sphinx_click", "generated", "help", "pictures"]
exclude_patterns = ["_ext"]
smartquotes = False  # two hyphens are an option
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Pieces of XML and of configurations are no whole documents.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"xml2poms {release}"
html_static_path = ["_static"]
html_css_files = ["pictures.css"]
html_copy_source = False

man_pages = [
    ("reference/commands", "xml2poms", "project.py workflows into POMS campaigns", author, 1)
]
