"""The weekly traffic profile of each land use.

Shapes before noise: von Mises bumps over the hours of the day, one set each for weekdays, Fridays,
Saturdays and Sundays. Hour 0 is Monday 00:00 on the local clock.
"""

from dataclasses import dataclass, replace

import numpy as np

from netspatial.arrays import Floats
from netspatial.simulate.town import Use
from netspatial.timeline import HOURS_PER_WEEK

Bump = tuple[float, float, float]
"""Hour of the peak, width in hours (one standard deviation), height."""

PER_HOUR = 12
"""Steps within an hour at which shapes are evaluated before they are averaged to hours."""

NIGHT_ENDS = 4
"""A profile's day lasts from 4:00 to 4:00: the first hours of Saturday belong to Friday night."""


@dataclass(frozen=True)
class Day:
    """One day's shape: a constant floor and the day's bumps."""

    floor: float
    bumps: tuple[Bump, ...]

    def at(self, hour: Floats) -> Floats:
        """Evaluate the shape at hours of the day (any shape of array), relative units."""
        value = np.full(hour.shape, self.floor)
        for peak, width, height in self.bumps:
            concentration = (24 / (2 * np.pi * width)) ** 2
            value += height * np.exp(concentration * (np.cos(2 * np.pi * (hour - peak) / 24) - 1))
        return value

    def times(self, factor: float) -> "Day":
        """Scale the whole day."""
        bumps = tuple((peak, width, height * factor) for peak, width, height in self.bumps)
        return replace(self, floor=self.floor * factor, bumps=bumps)


@dataclass(frozen=True)
class Week:
    """Weekdays, Friday, Saturday and Sunday of one land use."""

    weekday: Day
    friday: Day
    saturday: Day
    sunday: Day

    def days(self) -> tuple[Day, ...]:
        """Return the seven days from Monday to Sunday."""
        return (*(self.weekday,) * 4, self.friday, self.saturday, self.sunday)


_HOME_DAY = Day(
    0.16,
    (
        (8.2, 1.5, 0.65),
        (12.5, 1.0, 0.18),
        (13.8, 3.3, 0.58),
        (18.8, 1.6, 0.30),
        (22.0, 2.1, 1.42),
        (24.4, 1.5, 0.45),
    ),
)
_HOME_FREE = Day(
    0.17,
    ((10.1, 1.7, 0.72), (12.7, 1.2, 0.25), (15.3, 3.0, 0.82), (21.8, 2.2, 1.42), (24.4, 1.5, 0.50)),
)
_OFFICE_DAY = Day(
    0.10,
    (
        (8.6, 1.1, 0.78),
        (10.3, 1.4, 1.42),
        (12.4, 0.7, 0.65),
        (15.0, 1.9, 1.50),
        (18.3, 1.7, 0.62),
        (22.2, 2.2, 0.65),
    ),
)
_SHOPS_DAY = Day(
    0.09,
    (
        (8.6, 1.3, 0.50),
        (10.9, 1.3, 0.62),
        (12.5, 0.9, 0.68),
        (15.0, 2.2, 0.95),
        (19.1, 1.7, 1.15),
        (22.0, 1.6, 0.85),
    ),
)
_SHOPS_FREE = Day(
    0.09,
    ((11.4, 1.3, 0.95), (13.1, 1.2, 0.62), (15.8, 2.2, 1.85), (18.8, 1.8, 1.3), (22.0, 1.4, 0.6)),
)
_FUN_DAY = Day(
    0.12,
    ((9.0, 1.4, 0.40), (12.7, 1.2, 0.70), (16.0, 2.8, 0.55), (20.6, 1.7, 1.30), (23.4, 1.5, 0.55)),
)
_FUN_FRIDAY = Day(
    0.12,
    ((9.0, 1.4, 0.40), (12.7, 1.2, 0.70), (16.5, 2.6, 0.60), (20.9, 1.8, 1.90), (24.0, 1.6, 1.00)),
)
_FUN_SATURDAY = Day(
    0.14,
    ((11.0, 1.3, 0.45), (13.6, 1.7, 0.90), (16.8, 2.5, 1.05), (20.9, 2.0, 2.2), (24.1, 1.7, 1.15)),
)
_RUSH_DAY = Day(0.07, ((8.4, 0.95, 3.2), (13.2, 3.2, 0.70), (18.4, 1.10, 2.6), (21.0, 1.6, 0.75)))
_RUSH_FREE = Day(0.07, ((9.6, 1.8, 0.8), (13.8, 2.6, 0.65), (18.2, 1.8, 1.1), (21.4, 1.6, 0.45)))
_SHIFTS = Day(
    0.45,
    (
        (6.3, 0.8, 0.55),
        (8.8, 1.2, 0.8),
        (10.8, 1.3, 0.9),
        (12.4, 0.6, 0.45),
        (14.3, 1.1, 0.95),
        (16.8, 1.7, 0.75),
        (21.9, 0.9, 0.55),
    ),
)
_CAMPUS_DAY = Day(
    0.15,
    (
        (8.4, 1.0, 0.60),
        (10.4, 1.4, 1.05),
        (12.5, 0.7, 0.85),
        (15.2, 2.0, 1.0),
        (19.0, 1.8, 0.85),
        (22.4, 1.6, 1.00),
    ),
)
_CAMPUS_FREE = Day(0.15, ((11.3, 1.9, 0.65), (15.8, 2.5, 0.65), (21.6, 2.0, 0.90)))
_STROLL_DAY = Day(0.10, ((8.3, 1.4, 0.75), (12.6, 1.8, 0.80), (17.0, 2.1, 1.0), (20.5, 1.5, 0.3)))
_STROLL_FREE = Day(0.10, ((10.6, 1.7, 1.3), (15.4, 2.2, 2.4), (18.6, 1.5, 0.7)))
_COUNTRY = replace(_STROLL_DAY, floor=0.35)

WEEKS: dict[Use, Week] = {
    Use.RESIDENTIAL: Week(_HOME_DAY, _HOME_DAY, _HOME_FREE, _HOME_FREE),
    Use.OFFICE: Week(
        _OFFICE_DAY, _OFFICE_DAY.times(0.95), _OFFICE_DAY.times(0.36), _OFFICE_DAY.times(0.28)
    ),
    Use.COMMERCIAL: Week(
        _SHOPS_DAY, _SHOPS_DAY.times(1.1), _SHOPS_FREE.times(1.15), _SHOPS_FREE.times(1.1)
    ),
    Use.ENTERTAINMENT: Week(_FUN_DAY, _FUN_FRIDAY, _FUN_SATURDAY, _FUN_DAY.times(1.35)),
    Use.TRANSPORT: Week(_RUSH_DAY, _RUSH_DAY.times(1.04), _RUSH_FREE, _RUSH_FREE.times(0.9)),
    Use.INDUSTRIAL: Week(_SHIFTS, _SHIFTS, _SHIFTS.times(0.6), _SHIFTS.times(0.5)),
    Use.UNIVERSITY: Week(_CAMPUS_DAY, _CAMPUS_DAY.times(0.92), _CAMPUS_FREE, _CAMPUS_FREE),
    Use.PARK: Week(_STROLL_DAY, _STROLL_DAY, _STROLL_FREE, _STROLL_FREE.times(1.1)),
    Use.FIELD: Week(_COUNTRY, _COUNTRY, _COUNTRY.times(1.1), _COUNTRY),
    Use.WATER: Week(_STROLL_DAY, _STROLL_DAY, _STROLL_FREE, _STROLL_FREE.times(1.1)),
}
"""Weekly profile of every land use, after the kinds found in measured weeks of Beijing."""

QUIETEST = 0.01
"""Minimum of a profile as a share of its mean, before the share of the night is added."""


@dataclass(frozen=True)
class DiurnalParameters:
    """Modification of the weekly profiles by city.

    Attributes
    ----------
    clock_h : float
        Delay of the profile, hours.
    night : float
        Share of the traffic that is constant over the day (such as machines).
    sharpness : float
        Exponent on the shapes; above 1 the peaks are sharper.
    weekend : float
        Factor on Saturday and Sunday.
    """

    clock_h: float = 0.0
    night: float = 0.0
    sharpness: float = 1.0
    weekend: float = 1.0


def rhythm(week: Week, diurnal: DiurnalParameters) -> Floats:
    """Evaluate a week in steps of 1 / `PER_HOUR` hours, (168 * PER_HOUR,), with mean 1."""
    clock = np.arange(HOURS_PER_WEEK * PER_HOUR) / PER_HOUR + 0.5 / PER_HOUR - diurnal.clock_h
    day_of = ((clock - NIGHT_ENDS) // 24).astype(int) % 7
    shape = np.empty(clock.shape)
    for d, day in enumerate(week.days()):
        chosen = day_of == d
        shape[chosen] = day.at(clock[chosen]) * (diurnal.weekend if d >= 5 else 1.0)
    shape = np.maximum(shape / shape.mean(), QUIETEST) ** diurnal.sharpness
    return np.asarray((1 - diurnal.night) * shape / shape.mean() + diurnal.night)


def rhythms(diurnal: DiurnalParameters) -> Floats:
    """Evaluate every land use's week, (uses, 168 * PER_HOUR), each with mean 1.

    Parameters
    ----------
    diurnal : DiurnalParameters
        Modification by city.

    Returns
    -------
    ndarray of float64, (uses, 168 * 12)
        Profiles in steps of five minutes from Monday 00:00, in the order of `Use`.
    """
    return np.stack([rhythm(WEEKS[use], diurnal) for use in Use])


def hourly(shapes: Floats, later: int = 0) -> Floats:
    """Average shapes (n, 168 * PER_HOUR) to hours, (n, 168), delayed by `later` steps.

    Parameters
    ----------
    shapes : ndarray of float64, (n, 168 * 12)
        Profiles of `rhythms`.
    later : int
        Delay in steps of five minutes.

    Returns
    -------
    ndarray of float64, (n, 168)
        Hourly profiles.

    Examples
    --------
    >>> weeks = hourly(rhythms(DiurnalParameters()))
    >>> weeks.shape, weeks.mean(axis=1).round(6).tolist() == [1.0] * len(weeks)
    ((10, 168), True)
    """
    moved = np.roll(shapes, later, axis=1)
    return np.asarray(moved.reshape(len(shapes), HOURS_PER_WEEK, PER_HOUR).mean(axis=2))
