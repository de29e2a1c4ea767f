"""When one station should sleep, if what each hour of sleep saves is known: whole spells, exactly.

A spell pays for the waking that ends it when it begins, so that no plan hides that price. Where
hours are solved one by one instead, tolls bring the price of waking into each of them.
"""

import numpy as np

from netspatial.arrays import Floats, Mask


def optimal_sleep_intervals(
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


def sleep_intervals_value(
    gain: Floats, asleep: Mask, wake_kwh: float, asleep_before: bool
) -> float:
    """What sleeping in these hours saves, counted as in `optimal_sleep_intervals`, kWh."""
    begins = asleep & ~np.concatenate([[asleep_before], asleep[:-1]])
    return float(gain[asleep].sum() - wake_kwh * begins.sum())


def wake_prices(gain: Floats, wake_kwh: Floats) -> Floats:
    """Tolls (N, T) on being awake that share the price of waking out among the hours, kWh.

    gain     : (N, T) kWh that each station's sleep saves in each hour, the others as they are; -inf
               where it must not sleep
    wake_kwh : (N,) price of one waking

    For any lambda_t in [0, w] a waking costs w max(0, s_t - s_t-1) >= lambda_t (s_t - s_t-1), which
    is a toll of lambda_t - lambda_t+1 on s_t, being awake. So hours solved apart, with tolls, give
    a bound on all schedules that pay for wakings. Nothing is taken before the first hour or after
    the last: lambda_0 = lambda_T = 0. For one station alone, lambda_t = clip(lambda_t+1 - gain_t)
    makes that bound exact, and so does lambda_t+1 = clip(lambda_t + gain_t); this takes the middle.
    """
    count, hours = gain.shape
    since, until = np.zeros((2, count, hours + 1))
    for hour in range(1, hours):
        since[:, hour] = np.clip(since[:, hour - 1] + gain[:, hour - 1], 0, wake_kwh)
        back = hours - hour
        until[:, back] = np.clip(until[:, back + 1] - gain[:, back], 0, wake_kwh)
    middle: Floats = (since + until) / 2
    return middle[:, :-1] - middle[:, 1:]
