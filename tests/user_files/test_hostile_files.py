"""A hostile file is refused in one sentence: it reads nothing else, and takes no memory or time.

Each is given on the command line's way and, where the page takes such, as an upload.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from netspatial.area import Area
from netspatial.errors import BadInput, NetSpatialError
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.ui.cities.upload import Given, Upload, add_city
from netspatial.ui.plan.area_upload import area_of_upload
from netspatial.user_files.limits import UPLOAD
from tests.user_files import hostile

HERE = Area.from_geometry(hostile.BOX)

Make = Callable[[Path], Path]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(NetSpatialError) as refused:
        call()
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert hostile.TREASURE not in sentence
    return sentence


def fetch(part: str, source: str, folder: Path, settings: SourceSettings | None = None) -> object:
    _, opened = open_source(part, source, settings or SourceSettings())
    work = folder / "work"
    work.mkdir()
    return opened.fetch(HERE, work, silent)


@pytest.mark.parametrize("what", list(hostile.LEADS_ELSEWHERE))
def test_no_file_of_places_has_another_read_in_its_place(what: str, tmp_path: Path) -> None:
    path = hostile.LEADS_ELSEWHERE[what](tmp_path)
    refusal(lambda: fetch("pois", f"file:{path}", tmp_path))


def test_no_upload_has_another_file_read_in_its_place(tmp_path: Path) -> None:
    path = hostile.LEADS_ELSEWHERE["VRT as XML in a zip"](tmp_path)
    given = Given("file", [Upload(path.name, path.read_bytes())])
    cities = tmp_path / "cities"
    sentence = refusal(
        lambda: add_city(cities, "bad", "UTC", {"pois": given}, bounds="9, 45, 9.01, 45.01")
    )
    assert "holds no shapefile" in sentence
    assert list(cities.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (hostile.nested, "makes its reader crash (SIGSEGV)"),
        (hostile.many_rows, "holds 20,000,000 rows, more than the limit of 10,000,000"),
        (hostile.many_columns, "holds 100,000 columns, more than the limit of 50,000"),
        (hostile.recursive_view, "holds 'v', whose rows are computed"),
        (hostile.computed_column, "holds 'p', whose rows are computed"),
        (hostile.deep_json, "lists inside each other, more than the limit of 64"),
        (hostile.star, "crosses itself more than 500 times"),
    ],
)
def test_a_small_file_that_expands_is_refused(make: Make, words: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    assert path.stat().st_size < 3_000_000
    assert words in refusal(lambda: fetch("pois", f"file:{path}", tmp_path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (hostile.nested, "makes its reader crash"),
        (hostile.many_rows, "holds 20,000,000 rows"),
        (hostile.deep_json, "lists inside each other"),
        (hostile.laughs, "holds something else"),
        (hostile.star, "crosses itself more than 500 times"),
    ],
)
def test_an_uploaded_area_takes_no_process_down(make: Make, words: str, tmp_path: Path) -> None:
    path = make(tmp_path)
    assert words in refusal(lambda: area_of_upload(path.name, path.read_bytes()))


@pytest.mark.parametrize(
    ("make", "part", "kind", "words"),
    [
        (hostile.nested, "landuse", "file", "makes its reader crash"),
        (hostile.nested, "stations", "file", "makes its reader crash"),
        (hostile.many_columns, "stations", "file", "holds 100,000 columns"),
        (hostile.recursive_view, "pois", "file", "whose rows are computed"),
        (hostile.sparse_image, "imagery", "geotiff", "pixels"),
        (hostile.one_tile, "imagery", "geotiff", "MB in one tile"),
        (hostile.foreign_overview, "imagery", "geotiff", "names another file in its metadata"),
    ],
)
def test_an_uploaded_part_takes_no_process_down(
    make: Make, part, kind: str, words: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    given = {part: Given(kind, [Upload(path.name, path.read_bytes())])}
    cities = tmp_path / "cities"
    sentence = refusal(lambda: add_city(cities, "bad", "UTC", given, bounds="9, 45, 9.09, 45.09"))
    assert words in sentence
    assert list(cities.iterdir()) == []


def test_traffic_of_too_many_hours_and_stations_is_refused(tmp_path: Path) -> None:
    path = hostile.long_span(tmp_path)
    sentence = refusal(
        lambda: fetch("traffic", f"tidy:{path}", tmp_path, SourceSettings(limits=UPLOAD))
    )
    assert "values (services, stations and hours), more than the limit" in sentence


def test_a_device_is_no_file(tmp_path: Path) -> None:
    endless = tmp_path / "day.txt"
    endless.symlink_to("/dev/zero")
    with pytest.raises(BadInput, match="is not a file"):
        fetch("traffic", f"telecom-italia:{tmp_path}", tmp_path)
