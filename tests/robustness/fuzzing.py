"""Fuzzing by coverage: what is found interesting is changed further, for as long as it is given.

    python -m tests.robustness.fuzzing TARGET SECONDS FOLDER

FOLDER is where findings go (`crash-…`, the input that did it), and where what was found interesting
is kept for the next time.  By atheris (libFuzzer) where it is installed; else by Hypothesis, which
is told how many functions an input calls.  Exit code 0 where nothing was found.

What a target refuses with an error of ours is no finding; anything else that it raises is one, and
so is a law that does not hold.
"""

from __future__ import annotations

import configparser
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["TARGETS", "main", "seeds"]

SAMPLES = Path(__file__).parents[2] / "samples"


def read_document(data: bytes) -> None:
    """Any bytes: all reports, or one of our errors."""
    from tests.robustness.reports import all_reports

    all_reports(data)


def read_campaign(data: bytes) -> None:
    """A campaign.cfg: as ConfigParser has it, each stage expanded, or one of our errors."""
    from converter.errors import ConversionError
    from converter.poms.document import parse
    from converter.poms.reader import read_cfg, resolve, stage_names

    text = data.decode("utf-8", "replace")
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error:
        expected = None
    else:
        expected = {name: dict(parser.items(name)) for name in parser.sections()}
    try:
        document = parse(text)
        assert {name: document.items(name) for name in document.sections} == expected
    except configparser.Error:
        assert expected is None
    try:
        config = read_cfg(text, "c.cfg")
        for stage in stage_names(config)[:20]:
            for values in resolve(text, stage).values():
                dict(values)
    except (ConversionError, configparser.Error):
        pass  # as fife_launch stops


def follow_script(data: bytes) -> None:
    """A script: followed, or not and that is said."""
    from tests.test_shell_bounds import followed

    followed(data.decode("utf-8", "replace"))


def _law(module: str, name: str) -> Callable[[bytes], None]:
    """A law of the tests, its examples made of the bytes."""

    def one(data: bytes) -> None:
        from importlib import import_module

        getattr(import_module(module), name).hypothesis.fuzz_one_input(data)

    return one


TARGETS: dict[str, Callable[[bytes], None]] = {
    "reader": read_document,
    "documents": _law("tests.test_any_input", "test_documents_convert"),
    "mangled": _law("tests.test_any_input", "test_mangled_documents_convert_or_are_refused"),
    "writer": _law("tests.test_factor", "test_every_stage_gets_what_it_was_to_get"),
    "ini": _law("tests.test_ini", "test_what_is_written_reads_back_or_is_refused"),
    "names": _law("tests.robustness.test_names", "test_any_names"),
    "campaign": read_campaign,
    "shell": follow_script,
}


def seeds(target: str) -> Iterator[bytes]:
    """Inputs to begin with."""
    if target == "reader":
        from tests.robustness.documents import BOMBS, EDGES, HUGE

        yield from (p.read_bytes() for p in sorted(SAMPLES.rglob("*.xml")))
        some = [*BOMBS.values(), *EDGES.values(), *HUGE.values()]
        yield from (data for data in some if len(data) < 4_000)
    elif target == "campaign":
        yield from (p.read_bytes() for p in sorted(SAMPLES.rglob("*.cfg")))
    elif target == "shell":
        from tests.test_shell_bounds import BEYOND, FOLLOWED_WHOLE, NOT_FOLLOWED

        some = [*BEYOND.values(), *FOLLOWED_WHOLE, *NOT_FOLLOWED]
        yield from (text.encode() for text in some if len(text) < 4_000)
    else:
        yield from (random.Random(number).randbytes(500 * number) for number in range(1, 9))


def _words(target: str) -> Iterator[str]:
    from converter.findings.settings import TAGS
    from tests.test_shell_bounds import PIECES

    if target == "shell":
        yield from PIECES.split()
    elif target == "reader":
        yield from (f"<{tag}>" for tag in sorted(TAGS))
        yield from (f"</{tag}>" for tag in sorted(TAGS))
        yield from ("<!ENTITY ", "<![CDATA[", "]]>", "<!--", "-->", "&#10;", "<?xml ", ' base="')
    else:
        yield from ("[stage_", "]\n", " = ", "%(", ")s", "parent", "global.", "\n[global]\n")


def main() -> None:
    target, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    corpus = folder / target
    corpus.mkdir(parents=True, exist_ok=True)
    try:
        import atheris
    except ImportError:
        _by_hypothesis(target, seconds, folder)
        return
    with atheris.instrument_imports(include=["converter"]):
        import converter.conversion
        import converter.report.formats
        import converter.shell  # noqa: F401
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / f"{target}.words"
    escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in _words(target))
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    options = [f"-max_total_time={seconds}", f"-dict={words}", f"-artifact_prefix={folder}/"]
    options += ["-rss_limit_mb=1500", "-timeout=60", "-max_len=8192", "-verbosity=0", "-seed=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[target])
    atheris.Fuzz()


def _by_hypothesis(name: str, seconds: int, folder: Path) -> None:
    import hypothesis
    from hypothesis import strategies as st

    from tests.test_shell_bounds import calls_of

    end = time.monotonic() + seconds
    given = list(seeds(name)) or [b""]
    words = st.sampled_from([word.encode() for word in _words(name)])
    pieces = st.lists(st.one_of(words, st.binary(max_size=8)), max_size=200).map(b"".join)
    cut = st.tuples(st.sampled_from(given), st.integers(0, 4_000), st.integers(0, 4_000), pieces)
    inputs = st.one_of(pieces, cut.map(lambda c: c[0][: c[1]] + c[3] + c[0][c[2] :]))

    @hypothesis.settings(max_examples=200, deadline=None, database=None, suppress_health_check=[
        *hypothesis.HealthCheck
    ])  # fmt: skip
    @hypothesis.given(inputs)
    def search(data: bytes) -> None:
        last[0] = data
        hypothesis.target(float(calls_of(lambda: TARGETS[name](data))))

    last = [b""]
    while time.monotonic() < end:
        try:
            search()
        except Exception:
            (folder / f"crash-{name}-{os.getpid()}").write_bytes(last[0])
            raise


if __name__ == "__main__":
    main()
