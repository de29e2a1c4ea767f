import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.simulate.services import (
    CALLS_BY_HOUR,
    GB_PER_CALL,
    GB_PER_MESSAGE,
    MESSAGES_BY_HOUR,
    UNITS,
    split,
)

DRAWN = {"calls_per_gb": 8.0, "sms_per_gb": 4.0}
HOURS = np.arange(168) % 24


@given(seed=st.integers(0, 1000), level=st.floats(0, 50))
def test_total_is_every_byte(seed, level):
    services = split(seed, np.full((3, 168), level), HOURS, DRAWN)
    assert set(services) == set(UNITS)
    assert all((values >= 0).all() for values in services.values())
    rest = GB_PER_CALL * services["call"] + GB_PER_MESSAGE * services["sms"]
    assert (services["total"] >= services["data"]).all()
    if level > 1:
        assert services["total"] == pytest.approx(services["data"] + rest, abs=0.0011)


def test_calls_and_messages_are_counts_with_the_given_profile():
    services = split(1, np.full((50, 168), 8.0), HOURS, DRAWN)
    for name, profile in (("call", CALLS_BY_HOUR), ("sms", MESSAGES_BY_HOUR)):
        assert (services[name] == np.round(services[name])).all()
        by_hour = services[name].reshape(50, 7, 24).mean(axis=(0, 1))
        assert np.corrcoef(by_hour, profile)[0, 1] > 0.99


def test_an_hour_without_traffic_has_zero_counts():
    services = split(1, np.zeros((2, 168)), HOURS, DRAWN)
    assert all((values == 0).all() for values in services.values())
