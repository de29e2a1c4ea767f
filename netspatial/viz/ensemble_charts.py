"""Charts of one cell's generated samples: month, day, week and duration curve.

The band is the 80 % range of the samples (P10 to P90), the line their mean. Thin lines are single
samples, because the mean is smoother than any real month.
"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from netspatial.arrays import AnyFloats, Floats, Floats32, Indices
from netspatial.plain_text import in_figure
from netspatial.timeline import HOURS_PER_WEEK, hour_of_week, local_times
from netspatial.viz.station_charts import (
    AMBER,
    TEAL,
    axes,
    days_of_week,
    hour_label,
    hours_of_day,
    shade_weekends,
    weeks,
)

BAND = "rgba(43, 139, 147, 0.24)"
SINGLE = ["#d98a1f", "#8a6fb0"]
"""Colours of single samples: amber and violet."""


def samples_chart(traffic: xr.DataArray, height_px: int = 190) -> go.Figure:
    """Return the chart of a cell's traffic, (sample, time): band, mean and two single samples."""
    unit = in_figure(traffic.attrs["units"])
    times = local_times(traffic).tz_localize(None)
    figure = axes("Month", unit, height_px)
    shade_weekends(figure, times)
    _band(figure, times, traffic.to_numpy(), unit, "%{x|%a %d %b %H:%M}")
    for number in range(min(len(SINGLE), traffic.sizes["sample"])):
        figure.add_scatter(
            x=times,
            y=traffic.isel(sample=number).to_numpy(),
            mode="lines",
            name="Samples",
            legendgroup="single",
            showlegend=number == 0,
            line={"width": 0.7, "color": SINGLE[number]},
            opacity=0.7,
            hovertemplate=f"sample {number + 1}<br>%{{y:.3~g}} {unit}<extra></extra>",
        )
    _legend(figure)
    weeks(figure, times)
    return figure


def week_chart(traffic: xr.DataArray, height_px: int = 150) -> go.Figure:
    """Return the chart of a cell's mean week, (sample, time), Monday 00:00 first."""
    unit = in_figure(traffic.attrs["units"])
    figure = axes("Mean week", unit, height_px)
    slots = hour_of_week(local_times(traffic)).to_numpy()
    labels = [hour_label(hour) for hour in range(HOURS_PER_WEEK)]
    _band(
        figure,
        np.arange(HOURS_PER_WEEK),
        by_slot(traffic, slots, HOURS_PER_WEEK),
        unit,
        "%{customdata}",
        labels,
    )
    days_of_week(figure)
    return figure


def day_chart(traffic: xr.DataArray, height_px: int = 150) -> go.Figure:
    """Return the chart of a cell's mean weekday with its band, and of its mean weekend day."""
    unit = in_figure(traffic.attrs["units"])
    figure = axes("Mean day", unit, height_px)
    times = local_times(traffic)
    weekend = np.asarray(times.day_of_week >= 5)
    hours = times.hour.to_numpy()
    _band(
        figure,
        np.arange(24),
        by_slot(traffic[:, ~weekend], hours[~weekend], 24),
        unit,
        "Mon–Fri %{x:02d}:00",
    )
    figure.data[1].update(name="Mon–Fri")
    if weekend.any():
        figure.add_scatter(
            x=np.arange(24),
            y=by_slot(traffic[:, weekend], hours[weekend], 24).mean(axis=0),
            mode="lines",
            name="Sat–Sun",
            line={"width": 1.8, "color": AMBER},
            hovertemplate=f"Sat–Sun %{{x:02d}}:00<br>%{{y:.3~g}} {unit}<extra></extra>",
        )
    # the chart is too narrow for a legend beside its title; at night, on the left, it is free above
    for row, line in enumerate(figure.data[1:]):
        figure.add_annotation(
            text=line.name,
            font={"size": 10, "color": line.line.color},
            x=0,
            xref="paper",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="top",
            yshift=-13 * row,
            showarrow=False,
        )
    hours_of_day(figure)
    return figure


def duration_chart(traffic: xr.DataArray, height_px: int = 150) -> go.Figure:
    """Return the duration curve: load against the share of hours above it."""
    unit = in_figure(traffic.attrs["units"])
    figure = axes("Duration curve", unit, height_px)
    curves = duration_curves(traffic.to_numpy())
    share = np.linspace(0, 100, curves.shape[1])
    _band(figure, share, curves, unit, "%{x:.0f} % of the hours carry more than")
    figure.update_xaxes(ticksuffix=" %", range=[0, 100], nticks=5)
    return figure


CHARTS = {
    "month": samples_chart,
    "week": week_chart,
    "day": day_chart,
    "duration": duration_chart,
}
"""The charts of one cell's samples (sample, time), by name."""


def by_slot(traffic: xr.DataArray, slots: Indices, count: int) -> Floats:
    """Return the mean of each sample in each slot, (sample, count); every slot must occur."""
    frame = pd.DataFrame(traffic.transpose("time", "sample").to_numpy())
    means: Floats = frame.groupby(slots).mean().reindex(range(count)).to_numpy(float).T
    return means


def duration_curves(values: Floats32, points: int = 101) -> Floats:
    """Return each sample's load in descending order, (sample, points)."""
    return np.asarray(np.quantile(values, np.linspace(1, 0, points), axis=1).T, dtype=np.float64)


def busiest_hour(traffic: xr.DataArray) -> tuple[int, float]:
    """Return the local hour of the day with the highest mean over all samples, and that mean."""
    day = by_slot(traffic, local_times(traffic).hour.to_numpy(), 24).mean(axis=0)
    return int(day.argmax()), float(day.max())


def _band(
    figure: go.Figure,
    x: object,
    samples: AnyFloats,
    unit: str,
    when: str,
    labels: list[str] | None = None,
) -> None:
    """Add P10 to P90 of the samples (sample, x) as one shape, and their mean."""
    low, high = np.quantile(samples, (0.1, 0.9), axis=0)
    places = np.asarray(x)
    figure.add_scatter(
        x=np.concatenate([places, places[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        mode="lines",
        name="P10–P90",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=places,
        y=samples.mean(axis=0),
        mode="lines",
        name="Mean",
        line={"width": 1.5, "color": TEAL},
        customdata=labels,
        hovertemplate=f"{when}<br>%{{y:.3~g}} {unit}<extra></extra>",
    )


def _legend(figure: go.Figure) -> None:
    figure.update_layout(
        showlegend=True,
        legend={
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1.0,
            "yanchor": "bottom",
            "itemsizing": "constant",
            "itemwidth": 30,
            "font": {"size": 11},
        },
    )
