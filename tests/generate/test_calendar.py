"""Calendars of generated weeks; wrong starts, numbers of weeks and timezones are refused."""

import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.generate.calendar import MAX_WEEKS, weeks_from


def test_weeks_start_at_the_local_time() -> None:
    made = weeks_from("2026-01-05", 2, "Europe/Rome")
    assert len(made.times) == 336
    assert made.times[0] == pd.Timestamp("2026-01-04 23:00")


@pytest.mark.parametrize(
    "start", ["", "x", "nan", "NaT", "9999-12-31", "0001-01-01", "2026-13-01", "1" + "0" * 400]
)
def test_a_start_that_is_no_time_is_refused(start: str) -> None:
    with pytest.raises(BadInput, match="is not a local time"):
        weeks_from(start, 2, "UTC")


@pytest.mark.parametrize("weeks", [-1, 0, MAX_WEEKS + 1, 10**30])
def test_weeks_are_bounded(weeks: int) -> None:
    with pytest.raises(BadInput, match=f"1 to {MAX_WEEKS} would be right"):
        weeks_from("2026-01-05", weeks, "UTC")


def test_a_start_within_an_hour_and_an_unknown_timezone_are_refused() -> None:
    with pytest.raises(BadInput, match="is not a full hour"):
        weeks_from("2026-01-05T00:30", 1, "UTC")
    with pytest.raises(BadInput, match="is not an IANA timezone"):
        weeks_from("2026-01-05", 1, "Mars/Crater")
