"""Decomposition of traffic into daily, weekly and residual levels, Eqs. 1-4 and Algorithm 1.

x = Rep(w) + r, with daily shapes d inside w. Pure functions, batched over series; `hours` are hours
of the week, so that a series may begin on any day and a holiday counts as a Sunday.
"""

import torch
from torch import Tensor

from netspatial.errors import BadInput
from netspatial.timeline import HOURS_PER_WEEK

DAY = 24
WEEKDAYS = 5
WEEKEND_DAYS = 2
DAYS = WEEKDAYS + WEEKEND_DAYS


def weekly_target(x: Tensor, hours: Tensor, known: Tensor | None = None) -> Tensor:
    """Return the mean of each hour of the week over the series' weeks, w_tar of Algorithm 1.

    A weekday that does not occur, for example because its only day is a holiday, gets the means of
    the same hours over the other days.

    Parameters
    ----------
    x : Tensor, (n, T)
        Series in any unit.
    hours : Tensor of int64, (n, T)
        Hour of the week, 0 for Monday 00:00 to 167 for Sunday 23:00.
    known : Tensor, (n, T), optional
        1 for hours that are used, else 0; all by default.

    Returns
    -------
    Tensor, (n, 168)
        Mean week.

    Raises
    ------
    BadInput
        If some hour of the day does not occur.

    Examples
    --------
    >>> hours = torch.arange(336)[None] % 168
    >>> weekly_target(torch.arange(336.0)[None], hours)[0, :3].tolist()
    [84.0, 85.0, 86.0]
    """
    weight = torch.ones_like(x) if known is None else known
    empty = x.new_zeros(x.shape[0], HOURS_PER_WEEK)
    count = empty.scatter_add(1, hours, weight)
    total = empty.scatter_add(1, hours, x * weight)
    if bool((count > 0).all()):
        return total / count
    by_day, count_by_day = (y.reshape(-1, DAYS, DAY).sum(1) for y in (total, count))
    if bool((count_by_day == 0).any()):
        raise BadInput("The series does not hold every hour of the day; a whole week is needed.")
    any_day = (by_day / count_by_day).repeat(1, DAYS)
    return torch.where(count > 0, total / count.clamp_min(1), any_day)


def repeat(w: Tensor, hours: Tensor) -> Tensor:
    """Return Rep(w): the weekly shape (n, 168) repeated along `hours` of the week (n, T)."""
    return w.gather(1, hours)


def daily_targets(w: Tensor) -> Tensor:
    """Return mean weekday and mean weekend day (n, 48) of a weekly shape (n, 168).

    Parameters
    ----------
    w : Tensor, (n, 168)
        Weekly shape.

    Returns
    -------
    Tensor, (n, 48)
        d_wk and d_we of Eq. 2, one after the other.

    Examples
    --------
    >>> daily_targets(torch.arange(168.0)[None])[0, [0, 24]].tolist()
    [48.0, 132.0]
    """
    days = w.reshape(-1, DAYS, DAY)
    return torch.cat([days[:, :WEEKDAYS].mean(1), days[:, WEEKDAYS:].mean(1)], dim=1)


def spread_daily(d: Tensor) -> Tensor:
    """Return the two-day-type template of Eq. 2: (n, 48) to (n, 168).

    Parameters
    ----------
    d : Tensor, (n, 48)
        Mean weekday and mean weekend day.

    Returns
    -------
    Tensor, (n, 168)
        The weekday five times, then the weekend day twice.

    Examples
    --------
    >>> spread_daily(torch.arange(48.0)[None])[0, [0, 24, 120, 167]].tolist()
    [0.0, 0.0, 24.0, 47.0]
    """
    return torch.cat([d[:, :DAY].repeat(1, WEEKDAYS), d[:, DAY:].repeat(1, WEEKEND_DAYS)], dim=1)


def project_residual(r: Tensor, hours: Tensor) -> Tensor:
    """Subtract from r (n, T) its weekly mean, which is zero for every true residual.

    Parameters
    ----------
    r : Tensor, (n, T)
        Residual.
    hours : Tensor of int64, (n, T)
        Hour of the week.

    Returns
    -------
    Tensor, (n, T)
        Residual that sums to zero at each hour of the week.

    Notes
    -----
    w_tar is the mean over the same weeks, so that r sums to zero at each hour of the week; a
    generated residual must do the same, or the mean week of u + r is not w.

    Examples
    --------
    >>> hours = torch.arange(336)[None] % 168
    >>> project_residual(torch.arange(336.0)[None], hours)[0, [0, 168]].tolist()
    [-84.0, 84.0]
    """
    return r - repeat(weekly_target(r, hours), hours)


def project_weekly(w: Tensor, d: Tensor) -> Tensor:
    """Scale w (n, 168) hour by hour so that its daily means are d (n, 48).

    A ratio, not a shift, keeps a positive w positive.

    Parameters
    ----------
    w : Tensor, (n, 168)
        Weekly shape.
    d : Tensor, (n, 48)
        Mean weekday and mean weekend day.

    Returns
    -------
    Tensor, (n, 168)
        Scaled weekly shape.

    Examples
    --------
    >>> w, d = torch.ones(1, 168), torch.arange(48.0)[None]
    >>> torch.equal(daily_targets(project_weekly(w, d)), d)
    True
    """
    return w * spread_daily(d / daily_targets(w).clamp_min(1e-6))


def peak_hour(x: Tensor, hours: Tensor) -> Tensor:
    """Return the local hour 0-23 (n,) at which the mean day of x (n, T) peaks.

    Parameters
    ----------
    x : Tensor, (n, T)
        Series in any unit.
    hours : Tensor of int64, (n, T)
        Hour of the week.

    Returns
    -------
    Tensor of int64, (n,)
        Peak hours.

    Examples
    --------
    >>> hours = torch.arange(168)[None]
    >>> peak_hour((hours % 24 == 20).float(), hours).tolist()
    [20]
    """
    week = weekly_target(x, hours)
    return week.reshape(-1, DAYS, DAY).mean(1).argmax(1)


def latest_whole_weeks(known: Tensor) -> Tensor:
    """Return the mask (n, T) of the latest whole weeks of `known` (n, T), equal for all n.

    Periodic means are taken over whole weeks, so that every hour of the week counts equally often.
    """
    cut = int(known[0].sum())
    weeks = torch.zeros_like(known)
    weeks[:, cut % HOURS_PER_WEEK if cut >= HOURS_PER_WEEK else 0 : cut] = 1
    return weeks
