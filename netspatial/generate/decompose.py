"""Traffic taken apart into daily, weekly and residual levels, Eqs. 1-4 and Algorithm 1.

The first step of the generator's road: x = Rep(w) + r, with daily shapes d inside w. All functions
are pure and batched over series; `hours` carries the calendar, so no series must begin on a Monday
and a holiday is simply an hour of Sunday.
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
    """Mean of each hour of the week over the series' weeks, w_tar of Algorithm 1.

    x : (n, T), any unit; hours : (n, T) int64, 0 for Monday 00:00 to 167 for Sunday 23:00;
    known : (n, T) in {0, 1}, which hours may be read (all by default). Returns (n, 168).

    Where a holiday took the only Tuesday, say, there is no Tuesday to average: its hours are then
    the means of the same hours of the other days.
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
    """Rep(w): the weekly shape (n, 168) laid along the calendar `hours` (n, T)."""
    return w.gather(1, hours)


def daily_targets(w: Tensor) -> Tensor:
    """Mean weekday and mean weekend day (n, 48) of a weekly shape (n, 168), d_wk and d_we."""
    days = w.reshape(-1, DAYS, DAY)
    return torch.cat([days[:, :WEEKDAYS].mean(1), days[:, WEEKDAYS:].mean(1)], dim=1)


def spread_daily(d: Tensor) -> Tensor:
    """The two-day-type template of Eq. 2: five weekdays, two weekend days, (n, 48) to (n, 168)."""
    return torch.cat([d[:, :DAY].repeat(1, WEEKDAYS), d[:, DAY:].repeat(1, WEEKEND_DAYS)], dim=1)


def project_residual(r: Tensor, hours: Tensor) -> Tensor:
    """Take from r (n, T) its own weekly mean, which every true residual lacks.

    w_tar is the mean over the same weeks, so that each hour of the week sums to zero in r; a drawn
    residual must lie in the same subspace or the week of u + r is not w.
    """
    return r - repeat(weekly_target(r, hours), hours)


def project_weekly(w: Tensor, d: Tensor) -> Tensor:
    """Scale w (n, 168) hour by hour so that its daily means are d (n, 48).

    A ratio, not a shift, keeps a positive w positive.
    """
    return w * spread_daily(d / daily_targets(w).clamp_min(1e-6))


def peak_hour(x: Tensor, hours: Tensor) -> Tensor:
    """Hour 0-23 (n,) at which the mean day of x (n, T) peaks, on the calendar's local clock."""
    week = weekly_target(x, hours)
    return week.reshape(-1, DAYS, DAY).mean(1).argmax(1)


def latest_whole_weeks(known: Tensor) -> Tensor:
    """Mask (n, T) of the latest whole weeks of a measured beginning, `known` (n, T), alike in n.

    Periodic means are taken over whole weeks, so that every hour of the week counts equally often.
    A week in which the clock is put back lacks an hour of 168 and is taken as it is.
    """
    cut = int(known[0].sum())
    weeks = torch.zeros_like(known)
    weeks[:, cut % HOURS_PER_WEEK if cut >= HOURS_PER_WEEK else 0 : cut] = 1
    return weeks
