"""Measured cities: sources that read or fetch the parts of a City folder.

Each source is one file here and one line in `SOURCES`; the command line uses that name.
"""

from netspatial.city.city import Part
from netspatial.sources.contract import Registry, Source, SourceSettings
from netspatial.sources.geotiff import build_geotiff
from netspatial.sources.land_cover import build_land_cover
from netspatial.sources.landuse_table import build_landuse_table
from netspatial.sources.opencellid import build_opencellid
from netspatial.sources.osm_file import build_osm_file
from netspatial.sources.overpass import build_overpass
from netspatial.sources.overture import build_overture
from netspatial.sources.poi_table import build_poi_table
from netspatial.sources.sentinel2 import build_sentinel2
from netspatial.sources.spec import Spec, parse
from netspatial.sources.station_table import build_station_table
from netspatial.sources.telecom_italia import build_telecom_italia
from netspatial.sources.traffic_tidy import build_tidy
from netspatial.sources.traffic_wide import build_wide
from netspatial.sources.xyz import build_xyz

SOURCES: Registry = {
    "imagery": {"geotiff": build_geotiff, "xyz": build_xyz, "sentinel2": build_sentinel2},
    "pois": {
        "file": build_poi_table,
        "overpass": build_overpass(land_use=False),
        "osm": build_osm_file(land_use=False),
        "overture": build_overture,
    },
    "landuse": {
        "file": build_landuse_table,
        "raster": build_land_cover,
        "overpass": build_overpass(land_use=True),
        "osm": build_osm_file(land_use=True),
    },
    "stations": {"file": build_station_table, "opencellid": build_opencellid},
    "traffic": {"tidy": build_tidy, "wide": build_wide, "telecom-italia": build_telecom_italia},
}
"""Every source of each part by name; a path alone selects the first of them."""


def open_source(part: Part, asked: str, settings: SourceSettings) -> tuple[Spec, Source]:
    """Make the source described by a text such as 'xyz:https://...#zoom=16'.

    Parameters
    ----------
    part : str
        "imagery", "pois", "stations", "traffic" or "landuse".
    asked : str
        Source as text.
    settings : SourceSettings
        Time zone, network rules and file limits.

    Returns
    -------
    tuple of Spec and Source
        The parsed text and the source.

    Raises
    ------
    BadInput
        If the text or an option is not valid.
    """
    kinds = SOURCES[part]
    spec = parse(asked, list(kinds), plain=next(iter(kinds)))
    return spec, kinds[spec.kind](spec, settings)
