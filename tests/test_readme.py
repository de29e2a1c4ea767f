"""The README is short and true: its examples and those of the guides run, its links exist."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from netspatial.city.city import City
from tests.documents import PAGES, ROOT, blocks, commands, run_netspatial, run_python

README = "README.md"
GUIDES = ("start", "plan", "operate", "scenarios", "forecast", "city")
"""Pages of docs/ whose examples go on from the README's, in this order."""
MAX_LINES = 150


def test_it_is_short() -> None:
    assert len(PAGES[README].splitlines()) <= MAX_LINES


def test_the_examples_run_as_written(tmp_path: Path) -> None:
    """In one folder, so that what several pages show is computed once."""
    finished = set()
    for page in (README, *(f"docs/{guide}.md" for guide in GUIDES)):
        for arguments in commands(page, "netspatial"):
            if (line := shlex.join(arguments)) not in finished:
                done = run_netspatial(arguments, tmp_path)
                assert done.returncode == 0, f"{page}: {line}\n{done.stderr}"
                finished.add(line)
        # the first steps show the demo city; see test_docs
        for example in blocks(page, "python") if page != "docs/start.md" else ():
            done = run_python(example, tmp_path)
            assert done.returncode == 0, f"{page}\n{done.stderr}"
            if page == README:
                assert re.search(
                    r"^3\. \S+: selected in \d of 4 samples$", done.stdout, re.MULTILINE
                )
    assert len(City.open(tmp_path / "cities" / "little").stations) == 20
    written = ("sites.kml", "cells.geojson", "nights.csv", "coming.parquet", "cells.parquet")
    assert all((tmp_path / name).is_file() for name in written)


@pytest.mark.parametrize("target", [arguments[0] for arguments in commands(README, "make")])
def test_the_make_targets_exist(target: str) -> None:
    done = subprocess.run(  # noqa: S603 our own Makefile, and only what it would do
        ["make", "--dry-run", target],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_both_ways_in_are_named() -> None:
    assert [arguments[0] for arguments in commands(README, "make")] == ["app", "test"]


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGES[README]))
def test_the_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()
