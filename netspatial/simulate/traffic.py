"""Traffic of a simulated town's stations: weekly profile, mean level, residuals and events.

The last step of the simulation; later stages read the city folder.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import xarray as xr

from netspatial.arrays import Floats, Indices, Mask
from netspatial.randomness import key, stream
from netspatial.simulate import residuals
from netspatial.simulate.association import Association
from netspatial.simulate.demand import Demand
from netspatial.simulate.events import (
    availability,
    draw_events,
    draw_holidays,
    event_multiplier,
    venues,
)
from netspatial.simulate.levels import capacities, drawn_level, expected_level, soft_clip
from netspatial.simulate.services import UNITS, split
from netspatial.simulate.stations import StationLayout
from netspatial.simulate.templates import PER_HOUR, DiurnalParameters, hourly, rhythms
from netspatial.timeline import HOURS_PER_WEEK, local_steps

NOISE_SHARES = {"city": 0.12, "shared": 0.22, "own": 0.34, "burst": 0.32}
"""Parts of the hourly residual's variance; sums to 1."""

QUIET_POWER = 0.4
"""Noise scales as level ** -QUIET_POWER within the week: with few users less averages out."""

DAY_MEMORY_H = 20.0
DRIFT_MEMORY_H = 12 * 24.0


@dataclass(frozen=True)
class StationDemand:
    """Properties of a town's stations that are the same in every redraw.

    carried  : associated demand of each station
    shapes   : (stations, 168 * PER_HOUR) expected week, mean 1, hour 0 is Monday 00:00 local
    expected : (stations,) mean that the surroundings explain, GB/h
    capacity : (stations,) GB/h
    venues   : (venues, 2) metres
    """

    carried: Association
    shapes: Floats
    expected: Floats
    capacity: Floats
    venues: Floats


@dataclass(frozen=True)
class SimulationCalendar:
    """The hours of a simulation: `weeks` times 168 from a Monday 00:00 on the local clock.

    start : on the local clock, with its zone

    Days are local: 7 * weeks of them, of 23 or 25 hours at a DST change; the last day then lacks an
    hour or is followed by one.
    """

    start: datetime
    weeks: int

    @property
    def hours(self) -> int:
        """Number of hours."""
        return self.weeks * HOURS_PER_WEEK

    @property
    def weekend(self) -> Mask:
        """(days,) True on Saturdays and Sundays."""
        return np.asarray(np.arange(7 * self.weeks) % 7 >= 5)

    @property
    def utc(self) -> pd.DatetimeIndex:
        """UTC time stamps of the hours, without a zone, as in series."""
        first = pd.Timestamp(self.start).tz_convert("UTC").tz_localize(None)
        return pd.date_range(first, periods=self.hours, freq="h", unit="ns")

    @property
    def steps(self) -> Indices:
        """(hours,) local hours since the first; % 24 is the hour of day, % 168 of the week."""
        return local_steps(self.utc, str(self.start.tzinfo))

    @property
    def noons(self) -> Indices:
        """(days,) the hour of the simulation at which it is noon on each local day."""
        return np.searchsorted(self.steps, 24 * np.arange(7 * self.weeks) + 12)


def draw_calendar(seed: int, timezone: str, weeks: int) -> SimulationCalendar:
    """Draw the Monday on which the simulation starts, in 2024 or 2025."""
    week = int(stream(seed, "calendar").integers(0, 104))
    monday = datetime(2024, 1, 1, tzinfo=ZoneInfo(timezone)) + timedelta(weeks=week)
    return SimulationCalendar(start=monday, weeks=weeks)


def settle_sites(
    seed: int, network: StationLayout, demand: Demand, carried: Association, drawn: dict[str, float]
) -> StationDemand:
    """Expected profile, level and capacity of every station, from its surroundings."""
    passing = demand.by_use.sum(axis=0) / demand.by_use.sum()
    mix = (1 - drawn["passing_share"]) * carried.mix + drawn["passing_share"] * passing
    diurnal = DiurnalParameters(
        clock_h=drawn["clock_h"],
        night=drawn["night"],
        sharpness=drawn["sharpness"],
        weekend=drawn["weekend"],
    )
    shapes = np.einsum("sk,kt->st", mix, rhythms(diurnal))
    expected = expected_level(network, carried, drawn)
    peak = expected * hourly(shapes).max(axis=1)
    return StationDemand(
        carried=carried,
        shapes=shapes,
        expected=expected,
        capacity=capacities(seed, peak, drawn["headroom"]),
        venues=venues(seed, demand, drawn["venues_per_100_km2"]),
    )


def draw_traffic(
    seed: int,
    redraw: int,
    network: StationLayout,
    sites: StationDemand,
    calendar: SimulationCalendar,
    drawn: dict[str, float],
) -> tuple[dict[str, Floats], Indices]:
    """Draw the services of all stations and the holidays, as numbers of days.

    redraw : another number draws all that the surroundings do not determine anew, for the
        same town and stations
    """
    chance, steps = key(seed, "redraw", redraw), calendar.steps
    holidays = draw_holidays(chance, calendar.weekend, drawn["holidays_per_month"])
    rhythm = _own_weeks(chance, sites.shapes, drawn)[:, _hours_of_week(steps, holidays)]
    level = drawn_level(chance, network, sites.expected, drawn)[:, None]
    events = draw_events(
        chance,
        sites.venues,
        calendar.noons,
        calendar.weekend,
        drawn["events_per_month"],
    )
    wanted = level * rhythm * _noise(chance, network, rhythm, drawn)
    wanted *= event_multiplier(events, network.x, network.y, calendar.hours)
    wanted *= _growth(calendar.hours, drawn["growth_per_month"])
    total = soft_clip(wanted, sites.capacity)
    total *= availability(chance, len(network.x), calendar.hours, drawn["outages_per_month"])
    return split(chance, total, steps % 24, drawn), holidays


def as_dataset(
    services: dict[str, Floats], station_ids: list[str], calendar: SimulationCalendar, timezone: str
) -> xr.Dataset:
    """Services as a data set for the city folder: (station, time), with units and timezone."""
    attributes = {"timezone": timezone, "provenance": "simulated"}
    return xr.Dataset(
        {
            name: (
                ("station", "time"),
                services[name].astype(np.float32),
                {"units": unit, **attributes},
            )
            for name, unit in UNITS.items()
        },
        coords={"station": station_ids, "time": calendar.utc},
        attrs=attributes,
    )


def _own_weeks(seed: int, shapes: Floats, drawn: dict[str, float]) -> Floats:
    """Profile of each station with its own phase shift and sharpness, (stations, 168)."""
    random = stream(seed, "habits")
    later = np.rint(random.normal(0, drawn["phase_sd_h"], len(shapes)) * PER_HOUR).astype(int)
    sharper = np.exp(drawn["evenness_sd"] * random.standard_normal(len(shapes)))
    weeks = np.empty((len(shapes), HOURS_PER_WEEK))
    for steps in np.unique(later):
        moved = later == steps
        weeks[moved] = hourly(shapes[moved], int(steps))
    weeks = weeks ** sharper[:, None]
    return np.asarray(weeks / weeks.mean(axis=1, keepdims=True))


def _hours_of_week(steps: Indices, holidays: Indices) -> Indices:
    """Return the hour of the profile for each hour, (hours,): on a holiday that of a Sunday.

    A profile's day lasts from 4:00 to 4:00; so does a holiday.

    steps : (hours,) local hours since Monday 00:00
    """
    of_week = steps % HOURS_PER_WEEK
    for day in holidays:
        hours = np.flatnonzero((steps >= 24 * day + 4) & (steps < 24 * day + 28))
        of_week[hours] = (6 * 24 + steps[hours] - 24 * day) % HOURS_PER_WEEK
    return of_week


def _noise(seed: int, network: StationLayout, rhythm: Floats, drawn: dict[str, float]) -> Floats:
    """Return the residual multiplier, mean 1, (stations, hours)."""
    count, hours = rhythm.shape
    places = np.column_stack([network.x, network.y])
    memory, tails = drawn["noise_memory"], drawn["noise_tails"]
    reach = drawn["noise_range_m"]
    parts = {
        "city": residuals.city_factor(seed, "city", hours, memory),
        "shared": residuals.shared_factor(seed, "shared", places, reach, hours, memory),
        "own": residuals.own_factor(seed, "own", count, hours, memory, tails),
        "burst": residuals.own_factor(seed, "burst", count, hours, 0.0, tails),
    }
    hourly_factor = sum(np.sqrt(NOISE_SHARES[name]) * part for name, part in parts.items())
    days = _pair(seed, "day", places, reach, hours, residuals.ar1_coefficient(DAY_MEMORY_H))
    drift = _pair(seed, "drift", places, reach, hours, residuals.ar1_coefficient(DRIFT_MEMORY_H))
    own_sd = drawn["noise_sd"] * np.exp(
        drawn["noise_spread"] * stream(seed, "noise").standard_normal((count, 1))
    )
    quiet = np.clip(rhythm, 0.1, 4.0) ** -QUIET_POWER
    sd = own_sd * quiet
    log = sd * hourly_factor + drawn["day_sd"] * days + drawn["drift_sd"] * drift
    variance = sd**2 + drawn["day_sd"] ** 2 + drawn["drift_sd"] ** 2
    return np.asarray(np.exp(log - variance / 2))


def _pair(seed: int, name: str, places: Floats, reach: float, hours: int, memory: float) -> Floats:
    """Return a slow factor of unit variance, half shared with neighbours, half independent."""
    shared = residuals.shared_factor(seed, f"{name} shared", places, reach, hours, memory)
    shocks = stream(seed, "residuals", f"{name} own").standard_normal((len(places), hours))
    return np.asarray((shared + residuals.ar1_filter(shocks, memory)) / np.sqrt(2))


def _growth(hours: int, per_month: float) -> Floats:
    """Return linear growth around 1, (hours,)."""
    month = 4 * HOURS_PER_WEEK
    return np.asarray(1 + per_month * (np.arange(hours) - hours / 2) / month)
