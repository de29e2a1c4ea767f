"""Calendars of generated and forecast hours: UTC time stamps and local hours.

Networks work on local days of 24 hours. An hour skipped by a DST change is generated and dropped, a
doubled hour is generated once and returned twice; in measured series, a skipped hour is
interpolated and a doubled hour averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from netspatial.arrays import Indices
from netspatial.errors import BadInput
from netspatial.timeline import HOURS_PER_DAY, HOURS_PER_WEEK, local_steps, timezone_named

SUNDAY = 6
MAX_WEEKS = 520
"""Ten years, the longest series that is generated."""
MAX_SAMPLES = 10_000
"""More samples do not change the quantiles of an ensemble noticeably."""
DEFAULT_START = "2026-01-05"
"""A Monday; the default start of generated series."""


@dataclass(frozen=True)
class Calendar:
    """Hours as UTC time stamps and as local hours.

    times : (T,) hourly UTC time stamps without a zone
    steps : (T,) local hours since midnight of the first local day
    """

    times: pd.DatetimeIndex
    steps: Indices
    timezone: str

    @property
    def first_day(self) -> date:
        """The local date of the first hour."""
        first: date = self.times[0].tz_localize("UTC").tz_convert(self.timezone).date()
        return first


def calendar(times: pd.DatetimeIndex, timezone: str) -> Calendar:
    """Return the calendar of UTC `times` in a timezone."""
    steps = local_steps(times, timezone_named(timezone))
    return Calendar(times, steps - steps[0] // HOURS_PER_DAY * HOURS_PER_DAY, timezone)


def hours_of_days(first: date, days: int, holidays: Sequence[date] = ()) -> Indices:
    """Return hours of the week (24 * days,) of local days from `first` on; holidays are Sundays."""
    number = np.arange(days)
    weekday = (first.weekday() + number) % 7
    dates = np.datetime64(first) + number
    weekday[np.isin(dates, np.array(list(holidays), dtype="datetime64[D]"))] = SUNDAY
    hours: Indices = weekday[:, None] * HOURS_PER_DAY + np.arange(HOURS_PER_DAY)
    return hours.ravel()


def weeks_from(start: str, weeks: int, timezone: str) -> Calendar:
    """Return the calendar of whole weeks from `start`, a local time in `timezone`."""
    if not 1 <= weeks <= MAX_WEEKS:
        raise BadInput(f"{weeks} weeks were asked for; 1 to {MAX_WEEKS} would be right.")
    try:
        first = pd.Timestamp(start)
        begin = first.tz_localize(timezone_named(timezone)) if first.tz is None else first
        hour = begin.floor("h")
        # in nanoseconds, as in files and tables, which have no times beyond about 1677 to 2262
        utc = begin.tz_convert("UTC").tz_localize(None).as_unit("ns")
        times = pd.date_range(utc, periods=weeks * HOURS_PER_WEEK, freq="h", unit="ns")
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"'{start}' is not a local time such as 2026-01-05T00:00.") from error
    if begin != hour:
        raise BadInput(f"'{start}' is not a full hour; series are hourly.")
    return calendar(times, timezone)
