"""The hours that are generated or forecast: UTC time stamps and their place in the local week.

Between the clock of the ground floor and the networks, which know hours of the week alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netspatial.errors import BadInput
from netspatial.timeline import HOURS_PER_WEEK, hour_of_week

SUNDAY = 6
DEFAULT_START = "2026-01-05"
"""A Monday; used where no start is asked for."""


@dataclass(frozen=True)
class Calendar:
    """times : (T,) hourly UTC time stamps without a zone; hours : (T,) int64 of the local week."""

    times: pd.DatetimeIndex
    hours: NDArray[np.int64]
    timezone: str


def calendar(times: pd.DatetimeIndex, timezone: str, holidays: Sequence[date] = ()) -> Calendar:
    """Place UTC `times` in the local week; a holiday's hours are those of a Sunday."""
    local = times.tz_localize("UTC").tz_convert(_zone(timezone))
    hours = np.asarray(hour_of_week(local), dtype=np.int64)
    resting = np.isin(local.date, np.array(list(holidays), dtype=object))
    hours[resting] = SUNDAY * 24 + hours[resting] % 24
    return Calendar(times, hours, timezone)


def weeks_from(start: str, weeks: int, timezone: str, holidays: Sequence[date] = ()) -> Calendar:
    """Whole weeks of hours from `start`, read on the local clock of `timezone`."""
    if weeks < 1:
        raise BadInput(f"{weeks} weeks were asked for; at least one is needed.")
    try:
        first = pd.Timestamp(start)
        begin = first.tz_localize(_zone(timezone)) if first.tz is None else first
    except (ValueError, TypeError) as error:
        raise BadInput(f"'{start}' is not a local time such as 2026-01-05T00:00.") from error
    if begin != begin.floor("h"):
        raise BadInput(f"'{start}' is not a full hour; series are hourly.")
    times = pd.date_range(
        begin.tz_convert("UTC").tz_localize(None), periods=weeks * HOURS_PER_WEEK, freq="h"
    )
    return calendar(times, timezone, holidays)


def _zone(timezone: str) -> str:
    try:
        pd.Timestamp("2026-01-05", tz=timezone)
    except (KeyError, ValueError, OSError, AttributeError, TypeError) as error:
        raise BadInput(f"'{timezone}' is not an IANA timezone such as Europe/Rome.") from error
    return timezone
