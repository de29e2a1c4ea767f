from collections.abc import Callable
from pathlib import Path

import pytest

from netspatial.city.city import City
from netspatial.ui.components.library import cities_folder, city_version, find_cities


def test_cities_are_found_by_their_folder(small_city: City) -> None:
    found = find_cities(small_city.folder.parent)
    assert found == {small_city.folder.name: small_city.folder}


def test_unfinished_and_unrelated_folders_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / ".lyon.1a2b.tmp").mkdir()
    (tmp_path / ".lyon.1a2b.tmp" / "city.json").write_text("{}")
    assert find_cities(tmp_path) == {}


def test_a_missing_folder_contains_no_cities(tmp_path: Path) -> None:
    assert find_cities(tmp_path / "nowhere") == {}


def test_the_environment_variable_sets_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETSPATIAL_CITIES", "elsewhere")
    assert cities_folder() == Path("elsewhere")
    monkeypatch.delenv("NETSPATIAL_CITIES")
    assert cities_folder() == Path("cities")


def test_rewriting_a_city_changes_its_version(
    tmp_path: Path, write_small_city: Callable[[Path], City]
) -> None:
    write_small_city(tmp_path / "town")
    before = city_version(tmp_path / "town")
    write_small_city(tmp_path / "town")
    assert city_version(tmp_path / "town") != before
