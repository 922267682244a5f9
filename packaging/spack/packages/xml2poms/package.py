# SPDX-License-Identifier: Apache-2.0

from spack.package import *


class Xml2poms(PythonPackage):
    """Converts project.py XML workflows into POMS/fife_launch campaigns."""

    # The recipe is used on a checkout: `spack dev-build xml2poms@main` in it.
    license("Apache-2.0")

    version("main")

    depends_on("python@3.9:", type=("build", "run"))
    depends_on("py-hatchling@1.18:", type="build")
    depends_on("py-click@8.1:", type=("build", "run"))
    depends_on("py-configobj@5.0.8:", type=("build", "run"))
    depends_on("py-jinja2@3.1:", type=("build", "run"))
    depends_on("py-lxml@5:", type=("build", "run"))
    depends_on("py-msgspec@0.19:", type=("build", "run"))
    depends_on("py-rich@13:", type=("build", "run"))
