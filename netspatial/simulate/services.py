"""Split of traffic into the services that a network counts: data, calls, messages, all bytes.

The last step of the simulated traffic, with the rounding of counters.
"""

import numpy as np

from netspatial.arrays import Floats, Indices
from netspatial.randomness import stream

UNITS = {"total": "GB/h", "data": "GB/h", "call": "calls/h", "sms": "messages/h"}
"""Services and the unit of each; `total` is every byte that the station carries."""

GB_PER_CALL = 6e-4
"""Two directions of 24 kbit/s for 100 s."""

GB_PER_MESSAGE = 3e-7
"""One message of 140 bytes with its signalling."""

COUNTER_GB = 0.001
"""Volume counters step by one megabyte."""

CALLS_BY_HOUR = np.array(
    [
        0.25,
        0.15,
        0.10,
        0.08,
        0.09,
        0.15,
        0.35,
        0.70,
        1.05,
        1.35,
        1.50,
        1.50,
        1.25,
        1.10,
        1.15,
        1.25,
        1.40,
        1.55,
        1.55,
        1.35,
        1.05,
        0.75,
        0.50,
        0.35,
    ]
)
"""Calls per GB by local hour, relative to the mean."""

MESSAGES_BY_HOUR = np.array(
    [
        0.50,
        0.35,
        0.25,
        0.22,
        0.25,
        0.35,
        0.60,
        0.95,
        1.25,
        1.35,
        1.35,
        1.30,
        1.20,
        1.15,
        1.15,
        1.15,
        1.20,
        1.25,
        1.25,
        1.20,
        1.10,
        1.00,
        0.85,
        0.65,
    ]
)
"""Messages per GB by local hour, relative to the mean."""

COUNT_NOISE_SD = 0.12
"""Log-sd of calls and messages given data, before counting noise."""


def split(
    seed: int, total: Floats, local_hour: Indices, drawn: dict[str, float]
) -> dict[str, Floats]:
    """Return the services of `UNITS`, each (stations, hours), from all bytes in GB/h.

    Data is the total less the volume of calls and messages.

    local_hour : (hours,) hour of the local day
    """
    call = _counted(seed, "call", total * drawn["calls_per_gb"] * CALLS_BY_HOUR[local_hour])
    sms = _counted(seed, "sms", total * drawn["sms_per_gb"] * MESSAGES_BY_HOUR[local_hour])
    data = np.maximum(total - GB_PER_CALL * call - GB_PER_MESSAGE * sms, 0.0)
    return {"total": _stepped(total), "data": _stepped(data), "call": call, "sms": sms}


def _counted(seed: int, name: str, expected: Floats) -> Floats:
    """Draw counts around `expected`; an hour without traffic has count 0."""
    random = stream(seed, "services", name)
    noise = random.standard_normal(expected.shape) * COUNT_NOISE_SD
    return random.poisson(expected * np.exp(noise - COUNT_NOISE_SD**2 / 2)).astype(np.float64)


def _stepped(volume: Floats) -> Floats:
    return np.round(volume / COUNTER_GB) * COUNTER_GB
