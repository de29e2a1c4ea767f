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

    Attributes
    ----------
    what : str
        One line of text.
    megabytes : float, optional
        Approximate amount read or downloaded; None where it is unknown.
    from_net : bool
        Whether data is fetched over the network.
    """

    what: str
    megabytes: float | None
    from_net: bool = False


@dataclass(frozen=True)
class Fetched:
    """Fetched data of one source.

    Attributes
    ----------
    data : Path, geopandas.GeoDataFrame or xarray.Dataset
        Path of an RGB uint8 GeoTIFF; table of points or polygons in EPSG:4326; or traffic
        (station, time), one variable per service with `units`, hours in UTC.
    licence : str
        Licence of the data.
    attribution : tuple of str
        Lines that must be shown with the data.
    notes : tuple of str
        One sentence for each rule that was applied to the data.
    """

    data: Path | gpd.GeoDataFrame | xr.Dataset
    licence: str = NOT_STATED
    attribution: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceSettings:
    """Settings common to all sources of one city.

    Attributes
    ----------
    timezone : str
        IANA name of the clock of the data.
    net : Net
        Permissions and limits of network requests.
    limits : Limits
        Limits of files.
    """

    timezone: str = "UTC"
    net: Net = field(default_factory=Net)
    limits: Limits = COMMAND_LINE


class Source(Protocol):
    """Source of one part of a city."""

    def estimate(self, area: Area) -> Estimate:
        """Return what `fetch` would fetch and its size, without network access.

        Parameters
        ----------
        area : Area
            The city's area.

        Returns
        -------
        Estimate
            Text and size.
        """
        ...

    def fetch(self, area: Area, work: Path, progress: Progress) -> Fetched:
        """Return the data within the area's bounds; store what helps to resume in `work`.

        Parameters
        ----------
        area : Area
            The city's area.
        work : Path
            Folder of this source alone.
        progress : callable
            Called with what is being done and the share done.

        Returns
        -------
        Fetched
            Data with licence and attribution.
        """
        ...


Builder = Callable[[Spec, SourceSettings], Source]
"""Makes a source of a spec; raises where an option is wrong, before anything is fetched."""

Registry = dict[Part, dict[str, Builder]]
