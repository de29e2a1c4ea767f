"""OpenStreetMap from a file: places and land use of an extract, without the internet.

`--pois osm:milano.osm.pbf`. osmium streams the file and assembles polygons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from netspatial.area import Area
from netspatial.errors import BadInput, NetSpatialError, reason
from netspatial.progress import Progress
from netspatial.sources.contract import Builder, Estimate, Fetched, Source, SourceSettings
from netspatial.sources.net import import_web
from netspatial.sources.osm import PLACE_TAGS, USE_TAGS, land, places
from netspatial.sources.spec import Spec
from netspatial.user_files.content import check_content
from netspatial.user_files.limits import Limits


@dataclass(frozen=True)
class OsmFile:
    """An extract on disk (.osm.pbf or .osm).

    land_use : True reads land use, False places
    """

    path: Path
    land_use: bool
    limits: Limits

    def estimate(self, area: Area) -> Estimate:
        """Size of the file."""
        del area  # the whole file is streamed
        return Estimate(f"OpenStreetMap from {self.path.name}", self.path.stat().st_size / 1e6)

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Stream the file and keep what lies in the area."""
        del work
        progress(f"reading {self.path.name}", 0.0)
        check_content(self.path, self.limits)
        try:
            return (land if self.land_use else places)(self._objects(area))
        except (NetSpatialError, MemoryError):
            raise
        except Exception as error:  # osmium's errors have no common kind
            raise BadInput(
                f"'{self.path.name}' cannot be read as an OpenStreetMap file: {reason(error)}."
            ) from error

    def _objects(self, area: Area) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
        """Yield nodes and polygons with their tags; open lines are skipped."""
        osmium = import_web("osmium")
        keys = USE_TAGS if self.land_use else PLACE_TAGS
        box = shapely.box(*area.bounds)
        wanted = osmium.filter.KeyFilter(*keys)
        for found in (
            osmium.FileProcessor(str(self.path))
            .with_areas(wanted)
            .with_filter(wanted)
            .with_filter(osmium.filter.GeoInterfaceFilter())
        ):
            if not (found.is_node() or found.is_area()):
                continue
            shape = shapely.geometry.shape(found.__geo_interface__["geometry"])
            if shape.intersects(box):
                place = shape if self.land_use or found.is_node() else shape.representative_point()
                if place.intersects(box):
                    yield {tag.k: tag.v for tag in found.tags}, _plain(place)


def build_osm_file(*, land_use: bool) -> Builder:
    """Return the builder of the source `osm:PATH` of places or of land use."""

    def build(spec: Spec, settings: SourceSettings) -> Source:
        spec.take(())
        import_web("osmium")
        return OsmFile(spec.file(), land_use, settings.limits)

    return build


def _plain(shape: BaseGeometry) -> BaseGeometry:
    """Return a multipolygon of one part as a polygon."""
    parts = shapely.get_parts(shape)
    only: BaseGeometry = parts[0]
    return only if len(parts) == 1 else shape
