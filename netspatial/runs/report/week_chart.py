"""Chart of the mean week of one site: median and 80 % range over the samples."""

import numpy as np
import xarray as xr
from markupsafe import Markup

from netspatial.arrays import Floats, Indices
from netspatial.plan.explain.rationale_text import number
from netspatial.templates import render
from netspatial.timeline import hour_of_week, local_times

WIDTH, HEIGHT = 640, 150
LEFT, TOP, BOTTOM = 52, 8, 22
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw_week(traffic: xr.DataArray, timezone: str) -> Markup:
    """Return an SVG of the traffic (sample, time) over the hours of the local week."""
    hour = hour_of_week(local_times(traffic, timezone)).to_numpy()
    hours = np.unique(hour)
    x_t = traffic.transpose("sample", "time").to_numpy()
    weeks = np.stack([x_t[:, hour == one].mean(axis=1) for one in hours], axis=1)
    low, middle, high = np.quantile(weeks, [0.1, 0.5, 0.9], axis=0)
    tick = round_tick(float(high.max()))
    top = max(float(high.max()), tick * 2)
    unit = str(traffic.attrs.get("units", ""))

    def x(hour: Indices) -> Floats:
        return LEFT + (WIDTH - LEFT) * np.asarray(hour) / 168

    def y(value: Floats) -> Floats:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - np.asarray(value) / top)

    around = [*zip(x(hours), y(high), strict=True)]
    around += [*zip(x(hours), y(low), strict=True)][::-1]
    values = np.arange(0, top + tick / 2, tick)
    return render(
        "runs/report/week_chart.svg",
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        unit=unit,
        ticks=[
            (at, _label(value, unit, highest=value + tick > top))
            for value, at in zip(values.tolist(), y(values).tolist(), strict=True)
            if at >= TOP - 1
        ],
        days=[(LEFT + (WIDTH - LEFT) * day / 7, name) for day, name in enumerate(DAYS)],
        band=_points(around),
        line=_points([*zip(x(hours), y(middle), strict=True)]),
    )


def round_tick(largest: float) -> float:
    """Return a tick step, 1, 2 or 5 times a power of ten, that fits two to five times."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest / 2))
    return float(max(step * power for step in (1, 2, 5) if step * power <= largest / 2))


def _label(value: float, unit: str, *, highest: bool) -> str:
    """Return the label of a tick; only the highest one has the unit."""
    if not value:
        return "0"
    return f"{number(value)} {unit}" if highest else number(value)


def _points(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
