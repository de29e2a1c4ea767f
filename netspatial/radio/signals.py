"""Received power at every pixel from the stations near it.

Each pixel hears its nearest few stations of either tier and its own, so that work grows with
stations times neighbours and never with stations squared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import ndtr

from netspatial.radio.link import noise_dbm, watts
from netspatial.radio.path_loss import FARTHEST_M, SCENARIOS
from netspatial.radio.pixels import Pixels
from netspatial.radio.sectors import site_gain_dbi
from netspatial.radio.shadowing import field, link_field
from netspatial.radio.sites import Radio, Sites, TierRadio

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

HEARD = {False: 8, True: 4}
"""Stations heard at a pixel: so many of the nearest, by whether they are of the coverage tier."""
Tracer = Callable[[Indices, Indices], Floats]

LOS_CORRELATION_M = 50.0
"""Distance over which line of sight changes (TR 38.901, Table 7.6.3.1-2)."""


@dataclass(frozen=True)
class Signals:
    """What is received over each pair of pixel and station that is considered.

    pixel, server : (E,) sorted by pixel, then server
    received_dbm  : (E,) at full power, after path loss, shadowing, antenna and walls
    carrier       : (E,) number of the carrier: pairs of one pixel and carrier disturb each other
    noise_w       : (E,) thermal noise in the carrier, W
    bandwidth_mhz : (E,)
    """

    pixel: Indices
    server: Indices
    received_dbm: Floats
    carrier: Indices
    noise_w: Floats
    bandwidth_mhz: Floats

    def interference_w(self, activity: Floats | float) -> Floats:
        """Power from the other stations on the same carrier at the same pixel, W, (E,).

        activity : part of the time that each pair's station sends, one number or (E,)
        """
        sent = watts(self.received_dbm) * activity
        channel = 2 * self.pixel + self.carrier
        others: Floats = np.bincount(channel, sent)[channel] - sent
        return np.maximum(others, 0.0)


def signals(
    sites: Sites, pixels: Pixels, radio: Radio, seed: int, tracer: Tracer | None = None
) -> Signals:
    """Received power of every considered pair of pixel and station.

    tracer : path loss of pairs (server, pixel), dB, where it knows better than the statistical
             model; NaN where it does not
    """
    pixel, server = pairs(sites, pixels)
    traced = np.full(len(pixel), np.nan) if tracer is None else tracer(server, pixel)
    offset = pixels.places[pixel] - sites.places[server]
    distance = np.hypot(offset[:, 0], offset[:, 1])
    shadow, clear = _fields(sites, pixels, pixel, server, seed)
    received = np.empty(len(pixel))
    noise = np.empty(len(pixel))
    width = np.empty(len(pixel))
    for coverage, tier in ((False, radio.capacity), (True, radio.coverage)):
        of = sites.coverage[server] == coverage
        height = sites.height_m[server[of]]
        loss = _loss_db(tier, radio, distance[of], height, shadow[of], clear[of])
        loss = np.where(np.isnan(traced[of]), loss, traced[of])
        gain = _gain_dbi(tier, radio, offset[of], distance[of], height)
        received[of] = tier.power_dbm + gain - loss - radio.penetration_db
        noise[of] = watts(noise_dbm(tier.bandwidth_mhz, radio.figure_db))
        width[of] = tier.bandwidth_mhz
    apart = radio.coverage.carrier_ghz != radio.capacity.carrier_ghz
    carrier = (sites.coverage[server] & apart).astype(np.int64)
    return Signals(pixel, server, received, carrier, noise, width)


def pairs(sites: Sites, pixels: Pixels) -> tuple[Indices, Indices]:
    """Each pixel with its own station and the nearest few of either tier."""
    number = np.arange(len(pixels.owner))
    found = [np.column_stack([number, pixels.owner])]
    for coverage, count in HEARD.items():
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


def _fields(
    sites: Sites, pixels: Pixels, pixel: Indices, server: Indices, seed: int
) -> tuple[Floats, Floats]:
    """Standard Gaussian shadowing, and a uniform number that decides on line of sight, (E,)."""
    common = field(pixels.places, seed, "shadowing")
    shadow, clear = np.empty(len(pixel)), np.empty(len(pixel))
    order = np.argsort(server, kind="stable")
    ends = np.searchsorted(server[order], np.arange(len(sites) + 1))
    for number, name in enumerate(sites.ids):
        mine = order[ends[number] : ends[number + 1]]
        at = pixel[mine]
        places = pixels.places[at]
        shadow[mine] = link_field(places, common[at], seed, str(name))
        sight = field(places, seed, "sight", str(name), correlation_m=LOS_CORRELATION_M)
        clear[mine] = ndtr(sight)
    return shadow, clear


def _loss_db(
    tier: TierRadio,
    radio: Radio,
    distance: Floats,
    height: Floats,
    shadow: Floats,
    clear: Floats,
) -> Floats:
    scenario = SCENARIOS[tier.scenario]
    sees = clear < scenario.los_probability(distance, radio.user_m)
    los = scenario.los(distance, tier.carrier_ghz, height, radio.user_m)
    nlos = scenario.nlos(distance, tier.carrier_ghz, height, radio.user_m)
    return np.where(sees, los + scenario.los_sd * shadow, nlos + scenario.nlos_sd * shadow)


def _gain_dbi(
    tier: TierRadio, radio: Radio, offset: Floats, distance: Floats, height: Floats
) -> Floats:
    bearing = np.degrees(np.arctan2(offset[:, 1], offset[:, 0]))
    elevation = np.degrees(np.arctan2(radio.user_m - height, np.maximum(distance, 1.0)))
    return site_gain_dbi(bearing, elevation, tier.antenna)
