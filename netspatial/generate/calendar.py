"""The hours that are generated or forecast: UTC time stamps and their place on the local clock.

Networks work on local days of 24 hours, from midnight to midnight, on any date. Where the clock is
put forward, its missing hour is generated and not told; where it is put back, the doubled hour is
generated once and told twice. A measured missing hour is interpolated, a doubled one averaged.
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
MOST_WEEKS = 520
"""Ten years; longer series are no forecast of anything."""
MOST_SAMPLES = 10_000
"""Beyond this the quantiles of an ensemble say nothing new."""
DEFAULT_START = "2026-01-05"
"""A Monday; used where no start is asked for."""


@dataclass(frozen=True)
class Calendar:
    """Hours and where they stand on the local clock.

    times : (T,) hourly UTC time stamps without a zone
    steps : (T,) local hours since midnight of the first local day
    """

    times: pd.DatetimeIndex
    steps: Indices
    timezone: str

    @property
    def first_day(self) -> date:
        """The local day on which the first hour lies."""
        first: date = self.times[0].tz_localize("UTC").tz_convert(self.timezone).date()
        return first


def calendar(times: pd.DatetimeIndex, timezone: str) -> Calendar:
    """Place UTC `times` on the local clock."""
    steps = local_steps(times, timezone_named(timezone))
    return Calendar(times, steps - steps[0] // HOURS_PER_DAY * HOURS_PER_DAY, timezone)


def hours_of_days(first: date, days: int, holidays: Sequence[date] = ()) -> Indices:
    """Hours of the week (24 * days,) of local days from `first` on; holidays count as Sundays."""
    number = np.arange(days)
    weekday = (first.weekday() + number) % 7
    dates = np.datetime64(first) + number
    weekday[np.isin(dates, np.array(list(holidays), dtype="datetime64[D]"))] = SUNDAY
    hours: Indices = weekday[:, None] * HOURS_PER_DAY + np.arange(HOURS_PER_DAY)
    return hours.ravel()


def weeks_from(start: str, weeks: int, timezone: str) -> Calendar:
    """Whole weeks of hours from `start`, read on the local clock of `timezone`."""
    if not 1 <= weeks <= MOST_WEEKS:
        raise BadInput(f"{weeks} weeks were asked for; 1 to {MOST_WEEKS} would be right.")
    try:
        first = pd.Timestamp(start)
        begin = first.tz_localize(timezone_named(timezone)) if first.tz is None else first
        hour = begin.floor("h")
        # in nanoseconds, as files and tables keep times: centuries far off do not fit
        utc = begin.tz_convert("UTC").tz_localize(None).as_unit("ns")
        times = pd.date_range(utc, periods=weeks * HOURS_PER_WEEK, freq="h", unit="ns")
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(f"'{start}' is not a local time such as 2026-01-05T00:00.") from error
    if begin != hour:
        raise BadInput(f"'{start}' is not a full hour; series are hourly.")
    return calendar(times, timezone)
