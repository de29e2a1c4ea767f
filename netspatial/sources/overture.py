"""Places of the Overture Maps Foundation, of a release or from a downloaded file.

`--pois overture`, `--pois overture:2025-09-24.0` or `--pois overture:places.parquet`. Only the rows
of the area are fetched; overturemaps finds them in the published GeoParquet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from netspatial.area import Area
from netspatial.errors import BadInput, reason
from netspatial.progress import Progress
from netspatial.sources.contract import Estimate, Fetched, SourceSettings
from netspatial.sources.net import CannotFetch, import_web
from netspatial.sources.place_table import within
from netspatial.sources.spec import Spec
from netspatial.sources.vocabulary import tag_places

HOST = "https://overturemaps-us-west-2.s3.us-west-2.amazonaws.com"
CATALOGUE = "https://stac.overturemaps.org"
KB_PER_KM2 = 150.0
"""Approximate download per square kilometre of a European city, kB, with whole row groups."""
TIMEOUT_S = 60


@dataclass(frozen=True)
class Overture:
    """Places of a release.

    where      : a file on disk, the name of a release, or empty for the newest
    confidence : minimum confidence of a place, 0 to 1
    """

    where: str
    confidence: float
    settings: SourceSettings

    @property
    def _file(self) -> Path | None:
        return Path(self.where).expanduser() if self.where.endswith(".parquet") else None

    def estimate(self, area: Area) -> Estimate:
        """Size of the file, or the approximate download for a city of this size."""
        if self._file is not None:
            size = self._file.stat().st_size / 1e6
            return Estimate(f"places of Overture from {self._file.name}", size)
        what = f"places of Overture, release {self.where or 'newest'}"
        return Estimate(what, area.area_km2 * KB_PER_KM2 / 1e3, from_net=True)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Read the rows of the area and map the categories."""
        del work  # there is only one query, so nothing to resume
        progress("querying Overture", 0.0)
        try:
            rows = [self._rows(batch) for batch in self._batches(area)]
        except (pa.ArrowInvalid, OSError, KeyError) as error:
            raise CannotFetch(f"Overture returned no places: {reason(error)}.") from error
        found = [table for table in rows if len(table)]
        if not found:
            raise CannotFetch("Overture has no place in this area.")
        table, notes = within(
            gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs="EPSG:4326"), area, "places"
        )
        table, strange = tag_places(table)
        return Fetched(
            table,
            "CDLA-Permissive-2.0",
            ("Overture Maps Foundation, overturemaps.org",),
            (*notes, *strange),
        )

    def _batches(self, area: Area) -> Iterator[pa.RecordBatch]:
        if self._file is not None:
            yield from pq.ParquetFile(self._file).iter_batches()
            return
        for address in (HOST, *(() if self.where else (CATALOGUE,))):
            self.settings.net.check(address)
        core = import_web("overturemaps.core")
        reader: pa.RecordBatchReader | None = core.record_batch_reader(
            "place",
            area.bounds,
            release=self.where or None,
            connect_timeout=TIMEOUT_S,
            request_timeout=TIMEOUT_S,
        )
        if reader is None:
            raise CannotFetch("Overture returned no places; try again later.")
        yield from reader

    def _rows(self, batch: pa.RecordBatch) -> gpd.GeoDataFrame:
        """Return a batch as places; those without a category are left out."""
        category = pc.struct_field(batch.column("categories"), "primary")
        keep = pc.is_valid(category)
        if self.confidence:
            keep = pc.and_(keep, pc.greater_equal(batch.column("confidence"), self.confidence))
        chosen = batch.filter(keep)
        addresses = chosen.column("addresses").to_pylist()
        return gpd.GeoDataFrame(
            {
                "name": _words(pc.struct_field(chosen.column("names"), "primary")),
                "category": _words(pc.struct_field(chosen.column("categories"), "primary")),
                "address": [_address(listed) for listed in addresses],
                "source": "Overture",
            },
            geometry=shapely.from_wkb(chosen.column("geometry").to_pylist()),
            crs="EPSG:4326",
        )


def build_overture(spec: Spec, settings: SourceSettings) -> Overture:
    """Make the source `overture[:RELEASE or FILE]` with the option confidence."""
    spec.take(("confidence",))
    if spec.where.endswith(".parquet"):
        columns = set(pq.read_schema(spec.file()).names)
        missing = {"geometry", "names", "categories", "addresses", "confidence"} - columns
        if missing:
            raise BadInput(
                f"'{spec.where}' has no column '{min(missing)}', so it is not a place file of "
                "Overture; give other tables without 'overture:'."
            )
    else:
        import_web("overturemaps")
    return Overture(spec.where, spec.number("confidence", 0.0, 0.0, 1.0), settings)


def _words(column: pa.Array) -> list[str]:
    return [word or "" for word in column.to_pylist()]


def _address(addresses: list[dict[str, str | None]] | None) -> str:
    if not addresses:
        return ""
    first = addresses[0]
    return ", ".join(filter(None, [first.get("freeform"), first.get("locality")]))
