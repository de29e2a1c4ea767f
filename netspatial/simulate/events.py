"""Deviations from the weekly profile on single days: holidays, events at venues, outages.

Drawn anew in every redraw of a city.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from netspatial.arrays import Floats, Indices, Mask
from netspatial.randomness import stream
from netspatial.simulate.demand import Demand
from netspatial.simulate.town import Use

VENUE_USES = {Use.ENTERTAINMENT: 1.0, Use.UNIVERSITY: 0.25, Use.PARK: 0.15, Use.COMMERCIAL: 0.1}
"""Weight of each land use as the place of a venue (hall, stadium, showground)."""

DAYS_PER_MONTH = 28

TURNOVER_H = 0.4
"""Time scale on which a crowd gathers and leaves, hours."""


@dataclass(frozen=True)
class Event:
    """A crowd at a place for some hours.

    Attributes
    ----------
    x, y : float
        Position, metres.
    begin : float
        Hours since the first hour of the series, may be a fraction.
    hours : float
        Duration.
    times : float
        Traffic at the place as a multiple of the usual.
    radius_m : float
        Distance over which the additional traffic falls to 1/e.
    """

    x: float
    y: float
    begin: float
    hours: float
    times: float
    radius_m: float


def venues(seed: int, demand: Demand, per_100_km2: float) -> Floats:
    """Draw the town's venues, (venues, 2) metres; the same in every redraw."""
    random = stream(seed, "events", "venues")
    area_km2 = len(demand.x) * demand.side_m**2 / 1e6
    count = max(1, int(random.poisson(per_100_km2 * area_km2 / 100)))
    wish = sum(weight * demand.by_use[:, use] for use, weight in VENUE_USES.items())
    wish = np.asarray(wish) + 1e-9
    block = random.choice(len(demand.x), size=count, p=wish / wish.sum())
    return np.column_stack([demand.x[block], demand.y[block]])


def draw_events(
    seed: int,
    places: Floats,
    noons: Indices,
    weekend: Mask,
    per_month: float,
) -> list[Event]:
    """Draw each venue's events over local days; evenings, and weekends twice as often.

    noons     : (days,) hours from the first hour of the series to the noon of each day
    weekend   : (days,) True on free days
    per_month : mean number of events of a venue in 28 days
    """
    random, days = stream(seed, "events", "calendar"), len(noons)
    chance = np.where(weekend, 2.0, 1.0)
    chance = chance / chance.sum()
    found = []
    for x, y in places:
        for _ in range(random.poisson(per_month * days / DAYS_PER_MONTH)):
            day = int(random.choice(days, p=chance))
            start = random.uniform(12.0, 20.0) if weekend[day] else random.uniform(17.0, 20.5)
            found.append(
                Event(
                    x=float(x),
                    y=float(y),
                    begin=int(noons[day]) - 12 + start,
                    hours=random.uniform(2.0, 5.0),
                    times=1 + 5 * random.beta(1.2, 2.5),
                    radius_m=random.uniform(300.0, 800.0),
                )
            )
    return found


def event_multiplier(events: list[Event], x: Floats, y: Floats, hours: int) -> Floats:
    """Return the factor of events on traffic, (stations, hours); 1 without an event.

    Parameters
    ----------
    events : list of Event
        The events.
    x, y : ndarray of float64, (stations,)
        Positions of the stations, metres.
    hours : int
        Length of the series.

    Returns
    -------
    ndarray of float64, (stations, hours)
        Factors.

    Examples
    --------
    >>> concert = Event(x=0.0, y=0.0, begin=20.0, hours=3.0, times=4.0, radius_m=500.0)
    >>> event_multiplier([concert], np.zeros(1), np.zeros(1), 24)[0, [10, 21]].round(1).tolist()
    [1.0, 3.9]
    """
    surplus = np.zeros((len(x), hours))
    hour = np.arange(hours) + 0.5
    for event in events:
        near = np.exp(-(((x - event.x) ** 2 + (y - event.y) ** 2) / event.radius_m**2))
        # People come within the hour before and are gone within the hour after.
        rise = expit((hour - event.begin) / TURNOVER_H)
        fall = expit((event.begin + event.hours - hour) / TURNOVER_H)
        surplus += (event.times - 1) * near[:, None] * (rise * fall)[None, :]
    return 1 + surplus


def draw_holidays(seed: int, weekend: Mask, per_month: float) -> Indices:
    """Draw which working days are public holidays, as numbers of local days."""
    random = stream(seed, "events", "holidays")
    working = np.flatnonzero(~weekend)
    count = int(random.poisson(per_month * len(weekend) / DAYS_PER_MONTH))
    return np.sort(random.choice(working, size=min(count, len(working)), replace=False))


def availability(seed: int, stations: int, hours: int, outages_per_month: float) -> Floats:
    """Return the share of each hour in which a station runs, (stations, hours); 0 in an outage.

    Outages begin at any hour; durations are exponential with mean 2 h, clipped to 0.5 to 8 h.
    """
    random = stream(seed, "events", "outages")
    share = np.ones((stations, hours))
    counts = random.poisson(outages_per_month * hours / (24 * DAYS_PER_MONTH), stations)
    for i in np.repeat(np.arange(stations), counts):
        begin = random.uniform(0, hours)
        end = begin + np.clip(random.exponential(2.0), 0.5, 8.0)
        edges = np.arange(hours)
        share[i] -= np.clip(np.minimum(edges + 1, end) - np.maximum(edges, begin), 0, 1)
    return np.clip(share, 0.0, 1.0)
