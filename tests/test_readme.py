"""The README cannot lie: its Python runs, its commands run, its links and targets exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netspatial.city.city import City

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MINUTES_LONG = ("netspatial bench",)
"""Commands that measure; their own tests run them, here only their options are checked."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(program: str) -> list[list[str]]:
    lines = "".join(blocks("bash")).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith(f"{program} ")]


def netspatial(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from netspatial.cli import main; main()"
    return subprocess.run(  # noqa: S603 our own commands
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_python_example_runs(tmp_path: Path, write_small_city: Callable[[Path], City]) -> None:
    write_small_city(tmp_path / "cities" / "demo")
    (example,) = blocks("python")
    done = subprocess.run(  # noqa: S603 our own example
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"s\d carries up to [\d.]+ MB", done.stdout)


def test_the_commands_run_as_written(tmp_path: Path) -> None:
    for _, *arguments in commands("netspatial"):
        measuring = f"netspatial {arguments[0]}".startswith(MINUTES_LONG)
        done = netspatial([*arguments, "--help"] if measuring else arguments, tmp_path)
        assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stderr}"
    city = City.open(tmp_path / "cities" / "little")
    assert len(city.stations) == 20
    assert (tmp_path / "cells.parquet").is_file()


@pytest.mark.parametrize("target", [arguments[1] for arguments in commands("make")])
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
    assert [arguments[1] for arguments in commands("make")] == ["app", "test"]


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_the_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()
