"""Optimal sleep intervals of one station from the saving of each hour of sleep, exactly.

The activation that ends an interval is charged at its beginning. Where hours are solved separately
instead, wake prices distribute the energy of activations over the hours.
"""

import numpy as np

from netspatial.arrays import Floats, Mask


def optimal_sleep_intervals(
    gain: Floats, wake_kwh: float, asleep_before: bool, least_h: int = 1
) -> tuple[float, Mask]:
    """Largest saving in kWh, and the hours of sleep that reach it.

    Parameters
    ----------
    gain : array (T,)
        kWh saved by sleep in each hour; -inf where the station must not sleep.
    wake_kwh : float
        Charge of an interval that begins here, kWh; an earlier one is already charged.
    asleep_before : bool
        Whether the station sleeps just before the first hour.
    least_h : int
        Minimum hours of an interval that begins here; the last hour may cut it short.

    Returns
    -------
    saving : float
        kWh.
    asleep : array (T,) of bool
        Hours of sleep.

    Notes
    -----
    Dynamic programme over the hours; states: awake (0), or asleep for 1 to least_h hours or longer.

    Examples
    --------
    >>> gain = np.array([0.5, -0.2, 0.5, -1.0, 0.2])
    >>> saving, asleep = optimal_sleep_intervals(gain, wake_kwh=0.3, asleep_before=False)
    >>> round(saving, 6), asleep.tolist()
    (0.5, [True, True, True, False, False])
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
    """Saving of sleep in these hours, counted as in `optimal_sleep_intervals`, kWh.

    Parameters
    ----------
    gain : array (T,)
        kWh saved by sleep in each hour.
    asleep : array (T,) of bool
        Hours of sleep.
    wake_kwh : float
        Charge of an interval that begins here, kWh.
    asleep_before : bool
        Whether the station sleeps just before the first hour.

    Returns
    -------
    float

    Examples
    --------
    >>> sleep_intervals_value(np.array([0.5, 0.5]), np.array([True, False]), 0.25, False)
    0.25
    """
    begins = asleep & ~np.concatenate([[asleep_before], asleep[:-1]])
    return float(gain[asleep].sum() - wake_kwh * begins.sum())


def wake_prices(gain: Floats, wake_kwh: Floats) -> Floats:
    """Prices of being awake that distribute the energy of activations over the hours, kWh.

    Parameters
    ----------
    gain : array (N, T)
        kWh saved by sleep of each station in each hour, the others unchanged; -inf where it must
        not sleep.
    wake_kwh : array (N,)
        Energy of one activation, kWh.

    Returns
    -------
    array (N, T)
        kWh per hour awake.

    Notes
    -----
    For any lambda_t in [0, w], the activation w max(0, s_t - s_t-1) >= lambda_t (s_t - s_t-1), a
    price of lambda_t - lambda_t+1 on s_t, being awake. So hours solved separately with these prices
    bound the energy of all schedules that pay for activations. With lambda_0 = lambda_T = 0, outer
    hours are free. For one station alone, lambda_t = clip(lambda_t+1 - gain_t) makes the bound
    exact, and so does lambda_t+1 = clip(lambda_t + gain_t); the mean of both is used.
    """
    count, hours = gain.shape
    since, until = np.zeros((2, count, hours + 1))
    for hour in range(1, hours):
        since[:, hour] = np.clip(since[:, hour - 1] + gain[:, hour - 1], 0, wake_kwh)
        back = hours - hour
        until[:, back] = np.clip(until[:, back + 1] - gain[:, back], 0, wake_kwh)
    middle: Floats = (since + until) / 2
    return middle[:, :-1] - middle[:, 1:]
