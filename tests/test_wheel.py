"""The wheel holds the package, the app and the bundled weights, and no secrets."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from netspatial import __version__

ROOT = Path(__file__).parents[1]
SHARED = f"netspatial-{__version__}.data/data/share/netspatial"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Paths in the wheel, built without a network."""
    if find_spec("hatchling") is None and "CI" not in os.environ:
        pytest.skip("hatchling is not installed; `make test` installs it")
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(  # noqa: S603 our own build
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files(folder: str, pattern: str = "*") -> set[str]:
    found = (ROOT / folder).rglob(pattern)
    kept = (path for path in found if path.is_file() and "node_modules" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in kept if "__pycache__" not in path.parts}


def test_the_package_is_complete(names: set[str]) -> None:
    assert files("netspatial") <= names


def test_the_app_and_the_weights_have_the_paths_of_the_checkout(names: set[str]) -> None:
    needed = {"app.py", ".streamlit/config.toml"} | files("pages") | files("assets")
    assert {f"{SHARED}/{path}" for path in needed} <= names
    assert any(name.endswith("models/small/weights.safetensors") for name in names)


def test_the_wheel_contains_nothing_else(names: set[str]) -> None:
    own = ("netspatial/", f"{SHARED}/", f"netspatial-{__version__}.dist-info/")
    assert all(name.startswith(own) for name in names)
    assert not any("secrets" in name for name in names)


def test_version_changelog_and_citation_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert project["version"] == citation["version"] == newest[1] == __version__
    assert project["license"] == citation["license"]
    papers = [reference["title"].partition(":")[0] for reference in citation["references"]]
    assert papers == ["NetSpatial", "Sim-MSTNet", "LSDM"]
