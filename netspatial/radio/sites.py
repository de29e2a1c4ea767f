"""Assumed radio parameters by tier, and the stations as arrays in metres.

A city gives the places of its stations and sometimes their heights; carriers, powers and antennas
are assumptions, all made here.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netspatial.arrays import Floats, Mask
from netspatial.errors import BadInput
from netspatial.radio.path_loss import SCENARIOS
from netspatial.radio.sectors import Antenna

COVERAGE, CAPACITY = "coverage", "capacity"
TIERS = (COVERAGE, CAPACITY)
MIN_HEIGHT_M = 3.0

MACRO_PANEL = Antenna(gain_dbi=17.0, horizontal_deg=65.0, vertical_deg=8.0, tilt_deg=4.0)
"""Coverage tier: gain and width of a column of 8 elements of 8 dBi, 0.8 wavelengths apart.

The tilt of half the width puts the upper half-power edge on the horizon: from 30 m above ground the
beam covers everything beyond 200 m, and neighbours at the horizon receive 3 dB less.
"""
SMALL_PANEL = Antenna(gain_dbi=11.0, horizontal_deg=65.0, vertical_deg=35.0, tilt_deg=4.0)
"""Capacity tier: gain and width of 2 such elements 0.7 wavelengths apart; tilt matters little."""


@dataclass(frozen=True)
class TierRadio:
    """Radio of one tier.

    Attributes
    ----------
    carrier_ghz : float
        Centre frequency, GHz; stations on the same carrier interfere.
    bandwidth_mhz : float
        Bandwidth of the carrier, MHz.
    power_dbm : float
        Transmit power per sector, dBm.
    antenna : Antenna
        Antenna of each sector.
    height_m : float
        Antenna height where the city has none, m.
    scenario : str
        A key of `path_loss.SCENARIOS`.

    Raises
    ------
    BadInput
        If there is no such scenario, or a value is not above zero.
    """

    carrier_ghz: float
    bandwidth_mhz: float
    power_dbm: float
    antenna: Antenna
    height_m: float
    scenario: str

    def __post_init__(self) -> None:
        if self.scenario not in SCENARIOS:
            raise BadInput(
                f"There is no path-loss scenario '{self.scenario}'; "
                f"use one of {', '.join(SCENARIOS)}."
            )
        if self.bandwidth_mhz <= 0 or self.carrier_ghz <= 0 or self.height_m <= 0:
            raise BadInput("A tier's carrier, bandwidth and antenna height must be above zero.")


@dataclass(frozen=True)
class Radio:
    """Radio of both tiers and of the users.

    Attributes
    ----------
    coverage : TierRadio
        Radio of the coverage tier.
    capacity : TierRadio
        Radio of the capacity tier.
    user_m : float
        Height of the users, m.
    penetration_db : float
        Loss into buildings, where most traffic is, dB (TR 38.901, 7.4.3, low-loss).
    noise_figure_db : float
        Noise figure of a user's receiver, dB.
    """

    coverage: TierRadio = field(
        default_factory=lambda: TierRadio(1.8, 20.0, 46.0, MACRO_PANEL, 30.0, "uma")
    )
    capacity: TierRadio = field(
        default_factory=lambda: TierRadio(2.6, 20.0, 43.0, SMALL_PANEL, 15.0, "umi")
    )
    user_m: float = 1.5
    penetration_db: float = 12.0
    noise_figure_db: float = 9.0

    def of(self, tier: str) -> TierRadio:
        """The radio of a tier.

        Parameters
        ----------
        tier : str
            "coverage" or "capacity".

        Returns
        -------
        TierRadio

        Examples
        --------
        >>> Radio().of("coverage").carrier_ghz
        1.8
        """
        return self.coverage if tier == COVERAGE else self.capacity


@dataclass(frozen=True)
class Sites:
    """Stations as arrays; one entry each.

    Attributes
    ----------
    ids : array (n,) of str
        Ids of the stations.
    places : array (n, 2)
        Positions, m.
    coverage : array (n,) of bool
        True for the coverage tier.
    height_m : array (n,)
        Antenna height above ground, m.
    """

    ids: NDArray[np.str_]
    places: Floats
    coverage: Mask
    height_m: Floats

    def __len__(self) -> int:
        return len(self.ids)


def sites_of(stations: gpd.GeoDataFrame, radio: Radio) -> Sites:
    """Read the stations of a table as arrays.

    Parameters
    ----------
    stations : GeoDataFrame
        `station_id`, geometry in a metric CRS and, where known, `tier` and `height_m`; a table
        without tiers is one network of the capacity tier.
    radio : Radio
        For the height of antennas where the table has none.

    Returns
    -------
    Sites

    Raises
    ------
    BadInput
        If the CRS is not metric or a tier is unknown.
    """
    if stations.crs is None or stations.crs.is_geographic:
        raise BadInput("Distances between stations need a metric CRS; use `to_crs(city.crs)`.")
    tier = _tiers(stations)
    coverage = tier == COVERAGE
    assumed = np.where(coverage, radio.coverage.height_m, radio.capacity.height_m)
    height = np.asarray(assumed, dtype=np.float64)
    if "height_m" in stations.columns:
        given = pd.to_numeric(stations["height_m"], errors="coerce").to_numpy(dtype=np.float64)
        height = np.where(given >= MIN_HEIGHT_M, given, height)
    geometry = stations.geometry
    return Sites(
        ids=stations["station_id"].astype(str).to_numpy(dtype=np.str_),
        places=np.column_stack([geometry.x, geometry.y]).astype(np.float64),
        coverage=coverage,
        height_m=height,
    )


def _tiers(stations: gpd.GeoDataFrame) -> NDArray[np.str_]:
    if "tier" not in stations.columns:
        return np.full(len(stations), CAPACITY)
    tier: NDArray[np.str_] = stations["tier"].fillna(CAPACITY).astype(str).to_numpy(dtype=np.str_)
    odd = sorted(set(tier) - set(TIERS))
    if odd:
        raise BadInput(f"A station's tier is '{odd[0]}'; use '{COVERAGE}' or '{CAPACITY}'.")
    return tier
