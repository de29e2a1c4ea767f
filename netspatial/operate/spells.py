"""When one station should sleep, if what each hour of sleep saves is known: whole spells, exactly.

A spell pays for the waking that ends it when it begins, so that no plan hides that price.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def best_spells(
    gain: Floats, wake_kwh: float, asleep_before: bool, least_h: int = 1
) -> tuple[float, Mask]:
    """Hours (T,) to sleep that save most, and what they save, kWh.

    gain          : (T,) kWh that sleeping in each hour saves; -inf where it must not sleep
    wake_kwh      : price of a spell that begins here; one that began before has paid
    asleep_before : whether the station sleeps as the first hour begins
    least_h       : fewest hours of a spell that begins here; the last hour may cut one short

    Dynamic programme over the hours; states: awake (0), or asleep for 1 to least_h hours or longer.
    """
    states = least_h + 1
    value = np.full(states, -np.inf)
    value[least_h if asleep_before else 0] = 0.0
    came_from = np.empty((len(gain), states), dtype=np.int64)
    for hour, saved in enumerate(gain):
        reached = np.full(states, -np.inf)
        came_from[hour, 0] = 0 if value[0] >= value[-1] else least_h
        reached[0] = value[came_from[hour, 0]]
        for slept in range(1, states):
            options = [(value[slept - 1] - (wake_kwh if slept == 1 else 0), slept - 1)]
            if slept == least_h:
                options.append((value[slept], slept))
            best, source = max(options)
            reached[slept], came_from[hour, slept] = best + saved, source
        value = reached
    state = int(np.argmax(value))
    best_value = float(value[state])
    asleep = np.zeros(len(gain), dtype=bool)
    for hour in reversed(range(len(gain))):
        asleep[hour] = state > 0
        state = int(came_from[hour, state])
    return best_value, asleep


def spells_value(gain: Floats, asleep: Mask, wake_kwh: float, asleep_before: bool) -> float:
    """What sleeping in these hours saves, counted as in `best_spells`, kWh."""
    begins = asleep & ~np.concatenate([[asleep_before], asleep[:-1]])
    return float(gain[asleep].sum() - wake_kwh * begins.sum())
