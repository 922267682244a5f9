"""The golden outputs of samples/xml/NAME.xml: samples/cfg/NAME*.cfg, NAME*.ini, NAME.txt.

python -m tests.golden        write them anew, to be looked at with git diff
"""

from __future__ import annotations

from pathlib import Path

from converter.conversion import Options, convert_bytes
from converter.report.model import Report
from converter.report.rendering import as_text

SAMPLES = Path(__file__).parents[1] / "samples"


def sources() -> list[Path]:
    return sorted((SAMPLES / "xml").glob("*.xml"))


def outputs(source: Path) -> dict[str, str]:
    """File name in samples/cfg → its text."""
    conversion = convert_bytes(
        source.read_bytes(), source.name, options=Options(output=f"{source.stem}.cfg")
    )
    files = {
        name: text for campaign in conversion.campaigns for name, text in campaign.files.items()
    }
    # Without the version, which would change them all with each release.
    report = as_text(Report((conversion.report,)), "")
    return {**files, f"{source.stem}.txt": report}


def main() -> None:
    folder = SAMPLES / "cfg"
    folder.mkdir(exist_ok=True)
    expected = {name: text for source in sources() for name, text in outputs(source).items()}
    for path in folder.iterdir():
        if path.name not in expected:
            path.unlink()
    for name, text in expected.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
