"""Places of Overture through its own client or from a file, mapped to the vocabulary."""

import functools
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyarrow import fs

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.progress import silent
from netspatial.sources import open_source, overture
from netspatial.sources.contract import SourceSettings
from netspatial.sources.net import CannotFetch, Net
from tests.sources.server import Answer, serving

AREA = Area.from_bounds(9.18, 45.45, 9.20, 45.465)
RELEASE = "2025-09-24.0"


def published(path: Path | io.BytesIO) -> None:
    """Write three places in the published schema: one outside, one without a category."""
    places = [
        ("Zoë", "coffee_shop", 9.19, 0.9),
        ("Far", "bar", 9.9, 0.9),
        ("None", None, 9.19, 0.2),
    ]
    table = pa.table(
        {
            "id": ["1", "2", "3"],
            "geometry": [shapely.to_wkb(shapely.Point(lon, 45.455)) for _, _, lon, _ in places],
            "bbox": [
                {"xmin": lon, "xmax": lon, "ymin": 45.455, "ymax": 45.455}
                for _, _, lon, _ in places
            ],
            "names": [{"primary": name} for name, _, _, _ in places],
            "categories": [{"primary": kind, "alternate": None} for _, kind, _, _ in places],
            "confidence": [sure for _, _, _, sure in places],
            "addresses": [[{"freeform": "Via Roma 3", "locality": "Milano"}], None, None],
        }
    )
    pq.write_table(table, path)


def rows(fetched):
    columns = ("name", "category", "category_original", "address", "source")
    return [tuple(row) for row in fetched.data[list(columns)].itertuples(index=False)]


def bucket(path: str, _sent: bytes) -> Answer:
    """Responses of the published bucket: a listing, and one file."""
    file = io.BytesIO()
    published(file)
    listing = (
        '<?xml version="1.0"?><ListBucketResult><KeyCount>1</KeyCount>'
        "<IsTruncated>false</IsTruncated>"
        f"<Contents><Key>release/{RELEASE}/theme=places/type=place/part-0.parquet</Key>"
        f"<Size>{len(file.getvalue())}</Size>"
        "<LastModified>2025-09-24T00:00:00.000Z</LastModified></Contents></ListBucketResult>"
    )
    if "list-type" in path:
        return Answer(listing.encode(), kind="application/xml")
    if re.match(r".*/part-0\.parquet", path):
        return Answer(file.getvalue())
    return Answer(status=404)


ZOE = [("Zoë", "amenity=cafe", "coffee_shop", "Via Roma 3, Milano", "Overture")]


def test_a_downloaded_file_is_read(tmp_path):
    published(tmp_path / "places.parquet")
    _, source = open_source("pois", f"overture:{tmp_path / 'places.parquet'}", SourceSettings())
    fetched = source.fetch(AREA, tmp_path, silent)
    assert rows(fetched) == ZOE
    assert fetched.licence == "CDLA-Permissive-2.0"
    _, strict = open_source(
        "pois", f"overture:{tmp_path / 'places.parquet'}#confidence=0.95", SourceSettings()
    )
    with pytest.raises(CannotFetch, match="no place"):
        strict.fetch(AREA, tmp_path, silent)


def test_the_published_bucket_is_read_through_overture_s_own_client(tmp_path, monkeypatch):
    with serving(bucket) as server:
        # the client sets the bucket's host itself, so it is replaced by the loopback
        near = functools.partial(
            fs.S3FileSystem, endpoint_override=server.address.partition("//")[2], scheme="http"
        )
        monkeypatch.setattr("overturemaps.core.fs.S3FileSystem", near)
        monkeypatch.setattr(overture, "HOST", server.address)
        net = Net(consent=True, private=True)
        _, source = open_source("pois", f"overture:{RELEASE}", SourceSettings(net=net))
        assert source.estimate(AREA).from_net
        assert rows(source.fetch(AREA, tmp_path, silent)) == ZOE
        assert any("part-0" in path for path in server.asked)


def test_nothing_is_requested_without_consent(tmp_path):
    _, source = open_source("pois", f"overture:{RELEASE}", SourceSettings())
    with pytest.raises(BadInput, match="consent"):
        source.fetch(AREA, tmp_path, silent)


def test_another_table_is_refused(tmp_path):
    pq.write_table(pa.table({"name": ["x"]}), tmp_path / "own.parquet")
    with pytest.raises(BadInput, match="not a place file of Overture"):
        open_source("pois", f"overture:{tmp_path / 'own.parquet'}", SourceSettings())
