"""Contract of every source of external data: `estimate` the size, then `fetch`.

Every source returns an image on disk, a table in lon/lat, or hourly traffic in UTC, with its
licence and attribution.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import xarray as xr

from netspatial.area import Area
from netspatial.city.city import Part
from netspatial.progress import Progress
from netspatial.sources.net import Net
from netspatial.sources.spec import Spec
from netspatial.user_files.limits import COMMAND_LINE, Limits

NOT_STATED = "not stated"
"""Value where no licence or unit is given; nothing is guessed."""


@dataclass(frozen=True)
class Estimate:
    """Estimate of what a source would fetch.

    what      : one line of text
    megabytes : approximate amount read or downloaded; None where it is unknown
    from_net  : whether data is fetched over the network
    """

    what: str
    megabytes: float | None
    from_net: bool = False


@dataclass(frozen=True)
class Fetched:
    """Fetched data of one source.

    data        : path of an RGB uint8 GeoTIFF; table of points or polygons in EPSG:4326; or
                  traffic (station, time), one variable per service with `units`, hours in UTC
    attribution : lines that must be shown with the data
    notes       : one sentence for each rule that was applied to the data
    """

    data: Path | gpd.GeoDataFrame | xr.Dataset
    licence: str = NOT_STATED
    attribution: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceSettings:
    """Settings common to all sources of one city: time zone, network rules, file limits."""

    timezone: str = "UTC"
    net: Net = field(default_factory=Net)
    limits: Limits = COMMAND_LINE


class Source(Protocol):
    """Source of one part of a city."""

    def estimate(self, area: Area) -> Estimate:
        """Return what `fetch` would fetch and its size, without network access."""
        ...

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Return the data within the area's bounds; store what helps to resume in `work`."""
        ...


Builder = Callable[[Spec, SourceSettings], Source]
"""Makes a source of a spec; raises where an option is wrong, before anything is fetched."""

Registry = dict[Part, dict[str, Builder]]
