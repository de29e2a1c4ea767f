"""Received power at every pixel from the stations near it.

Each pixel is linked with the nearest few stations of either tier and its own, so that work grows
with stations times neighbours, not with stations squared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree
from scipy.special import ndtr

from netspatial.arrays import Floats, Indices
from netspatial.radio.link import noise_dbm, watts
from netspatial.radio.path_loss import FARTHEST_M, SCENARIOS
from netspatial.radio.pixels import Pixels
from netspatial.radio.sectors import site_gain_dbi
from netspatial.radio.shadowing import field, link_field
from netspatial.radio.sites import Radio, Sites, TierRadio

NEAREST_STATIONS = {False: 8, True: 4}
"""Number of nearest stations linked with a pixel, by whether they are of the coverage tier."""
Tracer = Callable[[Indices, Indices], Floats]

LOS_CORRELATION_M = 50.0
"""Distance over which line of sight changes (TR 38.901, Table 7.6.3.1-2)."""


@dataclass(frozen=True)
class ReceivedPower:
    """Received power over each considered pair of pixel and station.

    Attributes
    ----------
    pixel : array (E,) of int
        Pixel of each pair, rising.
    server : array (E,) of int
        Station of each pair, rising within a pixel.
    received_dbm : array (E,)
        At full power, after path loss, shadowing, antenna and walls, dBm.
    carrier : array (E,) of int
        Number of the carrier: pairs of one pixel and carrier interfere.
    noise_w : array (E,)
        Thermal noise in the carrier, W.
    bandwidth_mhz : array (E,)
        Bandwidth of the carrier, MHz.
    """

    pixel: Indices
    server: Indices
    received_dbm: Floats
    carrier: Indices
    noise_w: Floats
    bandwidth_mhz: Floats

    def interference_w(self, activity: Floats | float) -> Floats:
        """Power from the other stations on the same carrier at the same pixel, W.

        Parameters
        ----------
        activity : float or array (E,)
            Part of the time that each pair's station transmits.

        Returns
        -------
        array (E,)
            W.

        Examples
        --------
        >>> pairs = ReceivedPower(
        ...     np.array([0, 0]), np.array([0, 1]), np.array([0.0, 30.0]), np.zeros(2, np.int64),
        ...     np.zeros(2), np.full(2, 20.0),
        ... )
        >>> pairs.interference_w(0.5).round(6).tolist()
        [0.5, 0.0005]
        """
        sent = watts(self.received_dbm) * activity
        channel = 2 * self.pixel + self.carrier
        others: Floats = np.bincount(channel, sent)[channel] - sent
        return np.maximum(others, 0.0)


def received_power(
    sites: Sites, pixels: Pixels, radio: Radio, seed: int, tracer: Tracer | None = None
) -> ReceivedPower:
    """Received power of every considered pair of pixel and station.

    Parameters
    ----------
    sites : Sites
        The stations.
    pixels : Pixels
        The demand pixels.
    radio : Radio
        Carriers, powers and antennas of both tiers, and the users.
    seed : int
        Of line of sight and shadowing.
    tracer : function from (server, pixel) to array, optional
        Path loss of these pairs, dB, used instead of the statistical model; NaN where the
        statistical model applies.

    Returns
    -------
    ReceivedPower

    Notes
    -----
    Power + antenna gain - path loss (TR 38.901, Table 7.4.1-1) - shadowing (Table 7.5-6) -
    penetration loss (7.4.3). A field per station decides on line of sight (Table 7.4.2-1).
    """
    pixel, server = pairs(sites, pixels)
    traced = np.full(len(pixel), np.nan) if tracer is None else tracer(server, pixel)
    offset = pixels.places[pixel] - sites.places[server]
    distance = np.hypot(offset[:, 0], offset[:, 1])
    received = np.empty(len(pixel))
    noise = np.empty(len(pixel))
    width = np.empty(len(pixel))
    for coverage, tier in ((False, radio.capacity), (True, radio.coverage)):
        of = sites.coverage[server] == coverage
        loss = _loss_db(tier, radio, sites, pixels, pixel[of], server[of], distance[of], seed)
        loss = np.where(np.isnan(traced[of]), loss, traced[of])
        gain = _gain_dbi(tier, radio, offset[of], distance[of], sites.height_m[server[of]])
        received[of] = tier.power_dbm + gain - loss - radio.penetration_db
        noise[of] = watts(noise_dbm(tier.bandwidth_mhz, radio.noise_figure_db))
        width[of] = tier.bandwidth_mhz
    apart = radio.coverage.carrier_ghz != radio.capacity.carrier_ghz
    carrier = (sites.coverage[server] & apart).astype(np.int64)
    return ReceivedPower(pixel, server, received, carrier, noise, width)


def mean_power_dbm(
    sites: Sites, places: Floats, place: Indices, server: Indices, radio: Radio
) -> Floats:
    """Received power of given pairs, mean over line of sight and shadowing in dB.

    Parameters
    ----------
    sites : Sites
        The stations.
    places : array (G, 2)
        Positions of users, m.
    place : array (E,) of int
        Place of each pair.
    server : array (E,) of int
        Station of each pair.
    radio : Radio
        Carriers, powers and antennas of both tiers, and the users.

    Returns
    -------
    array (E,)
        At full power, dBm.
    """
    offset = places[place] - sites.places[server]
    distance = np.hypot(offset[:, 0], offset[:, 1])
    power = np.empty(len(place))
    for coverage, tier in ((False, radio.capacity), (True, radio.coverage)):
        of = sites.coverage[server] == coverage
        if not of.any():
            continue
        scenario, height = SCENARIOS[tier.scenario], sites.height_m[server[of]]
        sees = scenario.los_probability(distance[of], radio.user_m)
        link = distance[of], tier.carrier_ghz, height, radio.user_m
        loss = sees * scenario.los(*link) + (1 - sees) * scenario.nlos(*link)
        gain = _gain_dbi(tier, radio, offset[of], distance[of], height)
        power[of] = tier.power_dbm + gain - loss - radio.penetration_db
    return power


def pairs(sites: Sites, pixels: Pixels) -> tuple[Indices, Indices]:
    """Each pixel with its own station and the nearest few of either tier.

    Parameters
    ----------
    sites : Sites
        The stations.
    pixels : Pixels
        The demand pixels.

    Returns
    -------
    pixel : array (E,) of int
        Rising.
    server : array (E,) of int
        Rising within a pixel.
    """
    number = np.arange(len(pixels.owner))
    found = [np.column_stack([number, pixels.owner])]
    for coverage, count in NEAREST_STATIONS.items():
        tier = np.flatnonzero(sites.coverage == coverage)
        if len(tier) == 0:
            continue
        near = min(count, len(tier))
        distance, index = KDTree(sites.places[tier]).query(
            pixels.places, near, distance_upper_bound=FARTHEST_M
        )
        shape = (len(number), near)
        distance, index = distance.reshape(shape), index.reshape(shape)
        row, column = np.nonzero(np.isfinite(distance))
        found.append(np.column_stack([row, tier[index[row, column]]]))
    every = np.unique(np.concatenate(found), axis=0)
    return every[:, 0], every[:, 1]


def _loss_db(
    tier: TierRadio,
    radio: Radio,
    sites: Sites,
    pixels: Pixels,
    pixel: Indices,
    server: Indices,
    distance: Floats,
    seed: int,
) -> Floats:
    """Path loss with shadowing of pairs of one tier, dB; a field per station decides on LOS.

    pixel, server, distance : (E,) the pairs, and their distances, m
    """
    scenario = SCENARIOS[tier.scenario]

    def sight(rows: Indices, station: str) -> Floats:
        places = pixels.places[pixel[rows]]
        return field(places, seed, "sight", station, correlation_m=LOS_CORRELATION_M)

    sees = ndtr(_per_station(sites, server, sight)) < scenario.los_probability(
        distance, radio.user_m
    )
    loss = np.empty(len(pixel))
    for state, name, mean, sd, range_m in (
        (sees, "los", scenario.los, scenario.los_sd, scenario.los_range_m),
        (~sees, "nlos", scenario.nlos, scenario.nlos_sd, scenario.nlos_range_m),
    ):
        height = sites.height_m[server[state]]
        kind = "shadowing", tier.scenario, name
        shadow = _shadowing(sites, pixels, pixel[state], server[state], seed, kind, range_m)
        loss[state] = mean(distance[state], tier.carrier_ghz, height, radio.user_m) + sd * shadow
    return loss


def _shadowing(
    sites: Sites,
    pixels: Pixels,
    pixel: Indices,
    server: Indices,
    seed: int,
    kind: tuple[str, ...],
    range_m: float,
) -> Floats:
    """Standard Gaussian shadowing of pairs of one kind, scenario and LOS state, (E,)."""
    common = field(pixels.places, seed, *kind, correlation_m=range_m)

    def own(rows: Indices, station: str) -> Floats:
        at = pixel[rows]
        return link_field(
            pixels.places[at], common[at], seed, *kind, station, correlation_m=range_m
        )

    return _per_station(sites, server, own)


def _per_station(sites: Sites, server: Indices, values: Callable[[Indices, str], Floats]) -> Floats:
    """Call `values` once per station, with the rows of its pairs and its name; returns (E,)."""
    found = np.empty(len(server))
    order = np.argsort(server, kind="stable")
    ends = np.searchsorted(server[order], np.arange(len(sites) + 1))
    for number, name in enumerate(sites.ids):
        rows = order[ends[number] : ends[number + 1]]
        found[rows] = values(rows, str(name))
    return found


def _gain_dbi(
    tier: TierRadio, radio: Radio, offset: Floats, distance: Floats, height: Floats
) -> Floats:
    bearing = np.degrees(np.arctan2(offset[:, 1], offset[:, 0]))
    elevation = np.degrees(np.arctan2(radio.user_m - height, np.maximum(distance, 1.0)))
    return site_gain_dbi(bearing, elevation, tier.antenna)
