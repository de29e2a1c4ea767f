"""Service graph: the demand of each station spread over pixels, and the links that can serve them.

`operate` decides on this graph. A link is fixed: its efficiency assumes that neighbours are on air.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.errors import BadInput
from netspatial.radio.link import (
    ACTIVITY,
    MIN_SINR_DB,
    admissible,
    rsrp_dbm,
    sinr_db,
    spectral_efficiency,
    watts,
)
from netspatial.radio.pixels import PER_STATION, Pixels, demand_pixels
from netspatial.radio.raytraced import BuildingTracer, TracerIfPossible
from netspatial.radio.received_power import ReceivedPower, received_power
from netspatial.radio.sites import Radio, sites_of


@dataclass(frozen=True)
class ServiceGraph:
    """Demand pixels, the station that owns each, and the links that can serve them.

    Attributes
    ----------
    owner : array (P,) of int
        Station whose measured traffic the pixel's demand is part of.
    share : array (P,)
        Part of the owner's traffic at this pixel; sums to 1 per station.
    pixel : array (E,) of int
        Pixel of each admissible link; the owner's own link is always among them.
    server : array (E,) of int
        Station of each link.
    efficiency : array (E,)
        Spectral efficiency of each link, bit/s/Hz.

    Raises
    ------
    BadInput
        If sizes differ, shares do not sum to 1, or a pixel has no link to its owner.

    Examples
    --------
    >>> graph = ServiceGraph(
    ...     owner=np.array([0, 1]), share=np.ones(2), pixel=np.array([0, 0, 1]),
    ...     server=np.array([0, 1, 1]), efficiency=np.array([2.0, 1.0, 3.0]),
    ... )
    >>> graph.pixels
    2
    """

    owner: Indices
    share: Floats
    pixel: Indices
    server: Indices
    efficiency: Floats

    def __post_init__(self) -> None:
        if len(self.owner) != len(self.share):
            raise BadInput(
                f"A service graph has {len(self.owner)} owners and {len(self.share)} shares of "
                "pixels; each pixel needs one of both."
            )
        if not len(self.pixel) == len(self.server) == len(self.efficiency):
            raise BadInput(
                f"A service graph has {len(self.pixel)} pixels, {len(self.server)} servers and "
                f"{len(self.efficiency)} efficiencies of links; each link needs one of all three."
            )
        if len(self.owner) == 0 or min(self.owner.min(), self.server.min(), self.pixel.min()) < 0:
            raise BadInput("A service graph needs pixels, and owners and links counted from zero.")
        if self.pixel.max() >= len(self.owner):
            raise BadInput(
                f"A link of this service graph leads to pixel {self.pixel.max()}; "
                f"there are {len(self.owner)} pixels."
            )
        if (self.share < 0).any() or not np.isfinite(self.efficiency).all():
            raise BadInput("Shares must not be negative, and efficiencies must be numbers.")
        if (self.efficiency <= 0).any():
            raise BadInput("The efficiency of every link must be above zero.")
        total = np.bincount(self.owner, self.share)
        own = np.bincount(self.pixel[self.server == self.owner[self.pixel]], minlength=self.pixels)
        wrong = np.flatnonzero((np.abs(total - 1) > 1e-6) & (np.bincount(self.owner) > 0))
        if len(wrong):
            raise BadInput(
                f"The shares of station {wrong[0]} sum to {total[wrong[0]]:.6g}; "
                "they must sum to 1."
            )
        if (own != 1).any():
            raise BadInput(
                f"Pixel {np.flatnonzero(own != 1)[0]} has {own[own != 1][0]} links from its own "
                "station; it needs exactly one."
            )

    @property
    def pixels(self) -> int:
        """Number of demand pixels."""
        return len(self.owner)


@dataclass(frozen=True)
class RadioMap:
    """A service graph with the data it was made from.

    Attributes
    ----------
    service_graph : ServiceGraph
        Links that can serve each pixel.
    pixels : Pixels
        The demand pixels.
    received_power : ReceivedPower
        Received power of each pair of pixel and station.
    notes : tuple of str
        Notes for the user, one sentence each.
    """

    service_graph: ServiceGraph
    pixels: Pixels
    received_power: ReceivedPower
    notes: tuple[str, ...] = ()


def service_graph(
    stations: gpd.GeoDataFrame,
    pois: Floats | None = None,
    radio: Radio | None = None,
    seed: int = 0,
    per_station: int = PER_STATION,
) -> ServiceGraph:
    """Service graph of stations.

    Parameters
    ----------
    stations : GeoDataFrame
        `station_id` and, where known, `tier` and `height_m`; geometry in a metric CRS.
    pois : array (k, 2), optional
        Points of interest in the same CRS, m; demand is higher near them.
    radio : Radio, optional
        Radio parameters; by default those of `radio.sites`.
    seed : int
        Of shadowing and of the demand positions.
    per_station : int
        Demand pixels of each station.

    Returns
    -------
    ServiceGraph

    Raises
    ------
    BadInput
        If there are no stations, or their CRS is not metric.
    """
    return radio_map(stations, pois, radio, seed, per_station).service_graph


def radio_map(
    stations: gpd.GeoDataFrame,
    pois: Floats | None = None,
    radio: Radio | None = None,
    seed: int = 0,
    per_station: int = PER_STATION,
    buildings: gpd.GeoDataFrame | None = None,
) -> RadioMap:
    """Service graph of stations, with the received powers with which `coupling` checks a schedule.

    Parameters
    ----------
    stations : GeoDataFrame
        As in `service_graph`.
    pois : array (k, 2), optional
        Points of interest in the same CRS, m.
    radio : Radio, optional
        Radio parameters; by default those of `radio.sites`.
    seed : int
        Of shadowing and of the demand positions.
    per_station : int
        Demand pixels of each station.
    buildings : GeoDataFrame, optional
        Polygons with `height_m`, to trace rays through where Sionna RT works; a note reports the
        result.

    Returns
    -------
    RadioMap

    Raises
    ------
    BadInput
        If there are no stations, or their CRS is not metric.
    """
    if len(stations) == 0:
        raise BadInput("No stations were given; at least one is needed.")
    radio = radio or Radio()
    sites = sites_of(stations, radio)
    pixels = demand_pixels(sites, pois, seed, per_station)
    rays = (
        None
        if buildings is None
        else TracerIfPossible(BuildingTracer(buildings.to_crs(stations.crs), sites, pixels, radio))
    )
    measured = received_power(sites, pixels, radio, seed, rays)
    pixels = where_won(pixels, measured)
    return RadioMap(
        build_service_graph(pixels, measured), pixels, measured, tuple(rays.notes if rays else ())
    )


def where_won(pixels: Pixels, measured: ReceivedPower) -> Pixels:
    """Weight each station's pixels by the probability that the station serves them.

    A user is served by the station received best on its carrier, so a pixel's share is
    multiplied by its own station's part of the power received there on that carrier.

    Parameters
    ----------
    pixels : Pixels
        The demand pixels.
    measured : ReceivedPower
        Received power of each pair of pixel and station.

    Returns
    -------
    Pixels
        With new shares, which sum to 1 per station.
    """
    own = measured.server == pixels.owner[measured.pixel]
    power = watts(measured.received_dbm[own])
    won = pixels.share * power / (power + measured.interference_w(1.0)[own])
    return replace(pixels, share=won / np.bincount(pixels.owner, won)[pixels.owner])


def build_service_graph(pixels: Pixels, measured: ReceivedPower) -> ServiceGraph:
    """Keep the links over which a pixel can be served.

    A pixel's own station is always one of them: its traffic was measured there. Where the model
    finds that link too weak it gets the lowest admissible SINR.

    Parameters
    ----------
    pixels : Pixels
        The demand pixels.
    measured : ReceivedPower
        Received power of each pair of pixel and station.

    Returns
    -------
    ServiceGraph
    """
    sinr = sinr_db(measured.received_dbm, measured.interference_w(ACTIVITY), measured.noise_w)
    own = measured.server == pixels.owner[measured.pixel]
    kept = own | admissible(sinr, rsrp_dbm(measured.received_dbm, measured.bandwidth_mhz))
    return ServiceGraph(
        owner=pixels.owner,
        share=pixels.share,
        pixel=measured.pixel[kept],
        server=measured.server[kept],
        efficiency=spectral_efficiency(np.maximum(sinr[kept], MIN_SINR_DB)),
    )
