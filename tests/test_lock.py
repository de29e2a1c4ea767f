"""Locked requirements: the tested versions, with hashes and without URLs."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, set[Version]]:
    """The locked versions of each package; some differ between systems."""
    found: dict[str, set[Version]] = {}
    for package, version in PIN.findall((ROOT / "requirements" / name).read_text()):
        found.setdefault(plain(package), set()).add(Version(version))
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        for line in project["optional-dependencies"][extra]:
            need = Requirement(line)
            if need.name == "netspatial":
                lines += [str(one) for one in required(*need.extras)]
            else:
                lines.append(line)
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(("name", "extras"), [("app.txt", ()), ("dev.txt", ("dev",))])
def test_every_requirement_is_locked_to_an_allowed_version(
    name: str, extras: tuple[str, ...]
) -> None:
    locked = pins(name)
    for need in required(*extras):
        versions = locked.get(plain(need.name), set())
        assert versions, f"{need.name} is not in requirements/{name}; run `make lock`"
        assert all(need.specifier.contains(one) for one in versions), need


def test_the_app_has_the_versions_of_the_tests() -> None:
    tested = pins("dev.txt")
    assert all(versions <= tested[package] for package, versions in pins("app.txt").items())


@pytest.mark.parametrize("name", ["app.txt", "dev.txt"])
def test_every_package_has_hashes_and_no_url(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    packages = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
