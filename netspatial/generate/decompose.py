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

    x : (n, T), any unit; hours : (n, T) int64, 0 for Monday 00:00 to 167 for Sunday 23:00;
    known : (n, T) in {0, 1}, which hours are used (all by default). Returns (n, 168).

    A weekday that does not occur, for example because its only day is a holiday, gets the means of
    the same hours over the other days.
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
    """Return mean weekday and mean weekend day (n, 48) of a weekly shape (n, 168): d_wk, d_we."""
    days = w.reshape(-1, DAYS, DAY)
    return torch.cat([days[:, :WEEKDAYS].mean(1), days[:, WEEKDAYS:].mean(1)], dim=1)


def spread_daily(d: Tensor) -> Tensor:
    """Return the two-day-type template of Eq. 2: (n, 48) to (n, 168)."""
    return torch.cat([d[:, :DAY].repeat(1, WEEKDAYS), d[:, DAY:].repeat(1, WEEKEND_DAYS)], dim=1)


def project_residual(r: Tensor, hours: Tensor) -> Tensor:
    """Subtract from r (n, T) its weekly mean, which is zero for every true residual.

    w_tar is the mean over the same weeks, so that r sums to zero at each hour of the week; a
    generated residual must do the same, or the mean week of u + r is not w.
    """
    return r - repeat(weekly_target(r, hours), hours)


def project_weekly(w: Tensor, d: Tensor) -> Tensor:
    """Scale w (n, 168) hour by hour so that its daily means are d (n, 48).

    A ratio, not a shift, keeps a positive w positive.
    """
    return w * spread_daily(d / daily_targets(w).clamp_min(1e-6))


def peak_hour(x: Tensor, hours: Tensor) -> Tensor:
    """Return the local hour 0-23 (n,) at which the mean day of x (n, T) peaks."""
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
