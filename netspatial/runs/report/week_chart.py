"""Chart of the mean week of one site: median and 80 % range over the samples."""

from collections.abc import Callable
from html import escape

import numpy as np
import xarray as xr

from netspatial.arrays import Floats, Indices
from netspatial.plan.explain.rationale_text import number
from netspatial.timeline import hour_of_week, local_times

WIDTH, HEIGHT = 640, 150
LEFT, TOP, BOTTOM = 52, 8, 22
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def draw_week(traffic: xr.DataArray, timezone: str) -> str:
    """Return an SVG of the traffic (sample, time) over the hours of the local week."""
    hour = hour_of_week(local_times(traffic, timezone)).to_numpy()
    hours = np.unique(hour)
    x_t = traffic.transpose("sample", "time").to_numpy()
    weeks = np.stack([x_t[:, hour == one].mean(axis=1) for one in hours], axis=1)
    low, middle, high = np.quantile(weeks, [0.1, 0.5, 0.9], axis=0)
    tick = round_tick(float(high.max()))
    top = max(float(high.max()), tick * 2)

    def x(hour: Indices) -> Floats:
        return LEFT + (WIDTH - LEFT) * np.asarray(hour) / 168

    def y(value: Floats) -> Floats:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - np.asarray(value) / top)

    around = [*zip(x(hours), y(high), strict=True)]
    around += [*zip(x(hours), y(low), strict=True)][::-1]
    unit = escape(str(traffic.attrs.get("units", "")))
    return (
        f"<svg class='week' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='Mean week in {unit}'>"
        f"{_grid(y, tick, top, unit)}"
        f"<polygon class='band' points='{_points(around)}'/>"
        f"<polyline class='line' points='{_points([*zip(x(hours), y(middle), strict=True)])}'/>"
        "</svg>"
    )


def round_tick(largest: float) -> float:
    """Return a tick step, 1, 2 or 5 times a power of ten, that fits two to five times."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest / 2))
    return float(max(step * power for step in (1, 2, 5) if step * power <= largest / 2))


def _grid(y: Callable[[Floats], Floats], tick: float, top: float, unit: str) -> str:
    lines = []
    for value in np.arange(0, top + tick / 2, tick):
        height = float(y(np.asarray(value)))
        label = f"{number(float(value))} {unit}" if value + tick > top else number(float(value))
        if height >= TOP - 1:
            lines.append(
                f"<line class='grid' x1='{LEFT}' x2='{WIDTH}' y1='{height:.1f}' y2='{height:.1f}'/>"
                f"<text class='tick' x='{LEFT - 5}' y='{height + 3:.1f}' text-anchor='end'>"
                f"{label if value else 0}</text>"
            )
    for day, name in enumerate(DAYS):
        left = LEFT + (WIDTH - LEFT) * day / 7
        lines.append(
            f"<line class='day' x1='{left:.1f}' x2='{left:.1f}' y1='{TOP}' "
            f"y2='{HEIGHT - BOTTOM}'/><text class='tick' x='{left + 45:.1f}' y='{HEIGHT - 7}' "
            f"text-anchor='middle'>{name}</text>"
        )
    return "".join(lines)


def _points(corners: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
