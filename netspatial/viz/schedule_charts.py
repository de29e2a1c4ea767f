"""Charts of a schedule: one station as in the paper's Figure 10, sleep times, and the forecast.

`STATE_RGB` holds the colours of the states, here and on the map.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import xarray as xr
from plotly.subplots import make_subplots

from netspatial.arrays import Floats, Indices, Mask
from netspatial.operate.metrics import OVERLOAD
from netspatial.operate.policies.paper import volatile_windows
from netspatial.plain_text import in_figure
from netspatial.timeline import local_times
from netspatial.viz.colours import css
from netspatial.viz.ensemble_charts import BAND
from netspatial.viz.station_charts import AMBER, SHADE, TEAL, axes, shade_weekends

VIOLET = "#8a6fb0"
SLEEP = "rgba(92, 107, 192, 0.20)"
VOLATILE = 0.75
"""A window is volatile if the forecast's spread is above this quantile of the station's spread."""

ASLEEP, AWAKE, OVERLOADED = 0, 1, 2
STATE_NAMES = {ASLEEP: "asleep", AWAKE: "awake", OVERLOADED: "overloaded"}
STATE_RGB = {ASLEEP: (92, 107, 192), AWAKE: (150, 196, 190), OVERLOADED: (224, 122, 26)}
"""Indigo, pale teal, orange: distinct with colour vision deficiency and in grey."""


def states(schedule: xr.Dataset) -> Indices:
    """Return the state of every station in every hour, (station, time)."""
    asleep = schedule["asleep"].astype(bool).to_numpy()
    overloaded = schedule["load_after"].to_numpy() > OVERLOAD
    return np.where(asleep, ASLEEP, np.where(overloaded, OVERLOADED, AWAKE))


def sleepiest_hour(schedule: xr.Dataset) -> int:
    """Return the index of the first hour in which most stations sleep."""
    return int(np.argmax((states(schedule) == ASLEEP).sum(axis=0)))


def clock(schedule: xr.Dataset) -> pd.DatetimeIndex:
    """Return the local hours without time zone, because Plotly supports none."""
    return local_times(schedule).tz_localize(None)


def station_chart(
    hours: xr.Dataset, forecast: xr.DataArray, unit: str, *, measured: bool, height_px: int = 470
) -> go.Figure:
    """Return the chart of one station over the scheduled hours: traffic, load, power adjustment.

    hours    : the schedule of this station over (time,)
    forecast : (sample, time) of the same hours
    measured : whether the schedule's traffic was measured; else it is the mean forecast
    """
    figure = make_subplots(
        rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.085, row_heights=[0.46, 0.27, 0.27]
    )
    unit, times = in_figure(unit), clock(hours)
    windows = volatile_windows(forecast.to_numpy()[None], VOLATILE)[0]
    median = forecast.median("sample").to_numpy()
    demand = "Observed load" if measured else "Mean forecast"
    _line(figure, 1, times, hours["demand"], demand, TEAL, unit, width=1.6)
    _line(figure, 1, times, hours["control"], "Planned load", AMBER, unit, dash="dot", width=1.6)
    _line(
        figure,
        1,
        times,
        np.where(windows, median, np.nan),
        "Generated",
        VIOLET,
        unit,
        width=3.2,
    )
    _line(figure, 2, times, 100 * hours["load_before"], "All awake", "#8a8f92", "%", dash="dot")
    _line(figure, 2, times, 100 * hours["load_after"], "As scheduled", TEAL, "%", width=1.6)
    change = hours["energy"].to_numpy() - hours["energy_before"].to_numpy()
    figure.add_bar(
        x=times,
        y=change,
        row=3,
        col=1,
        name="Power adjustment",
        marker={"color": np.where(change < 0, css(STATE_RGB[ASLEEP]), AMBER), "line_width": 0},
        hovertemplate="%{x|%a %d %b %H:%M}<br>%{y:+.3~f} kW<extra></extra>",
        showlegend=False,
    )
    for first, last in intervals(hours["asleep"].astype(bool).to_numpy()):
        _shade(figure, times, first, last, SLEEP)
    for first, last in intervals(windows):
        _shade(figure, times, first, last, SHADE, row=1)
    for row, title in enumerate(
        (
            f"<b>Traffic</b>   {unit}",
            "<b>Load</b>   % of capacity",
            "<b>Power adjustment</b>   kW relative to always on",
        ),
        start=1,
    ):
        figure.add_annotation(
            text=title,
            xref="x domain",
            yref=f"y{'' if row == 1 else row} domain",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 13},
        )
    figure.update_layout(
        height=height_px,
        margin={"l": 4, "r": 8, "t": 46, "b": 4},
        dragmode=False,
        bargap=0,
        hovermode="closest",
        legend={
            "orientation": "h",
            "x": 1,
            "xanchor": "right",
            "y": 1.06,
            "yanchor": "bottom",
            "font": {"size": 11},
        },
    )
    figure.update_yaxes(nticks=4, automargin=True)
    figure.update_yaxes(rangemode="tozero", row=1)
    figure.update_yaxes(rangemode="tozero", row=2)
    figure.update_xaxes(showgrid=False, automargin=True)
    _days(figure, times)
    return figure


def schedule_chart(schedule: xr.Dataset, row_px: float = 13.0) -> go.Figure:
    """Return the heat map of states, station by hour; the stations that sleep most on top."""
    state, times = states(schedule), clock(schedule)
    order = np.lexsort((np.arange(len(state)), (state == ASLEEP).sum(axis=1)))
    names = [in_figure(name) for name in schedule["station"].to_numpy()[order]]
    state = state[order]
    figure = axes("Schedule", f"{len(names)} stations, hour by hour", _tall(len(names), row_px))
    load = 100 * schedule["load_after"].to_numpy()[order]
    steps = [ASLEEP, AWAKE, OVERLOADED]
    figure.add_heatmap(
        x=times,
        y=names,
        z=state,
        zmin=-0.5,
        zmax=2.5,
        colorscale=[[end / 3, css(STATE_RGB[n])] for n in steps for end in (n, n + 1)],
        showscale=False,
        customdata=np.dstack([np.vectorize(STATE_NAMES.get)(state), np.round(load, 0)]),
        hovertemplate=(
            "<b>%{y}</b> %{x|%a %d %b %H:%M}<br>%{customdata[0]}, load %{customdata[1]:.0f} %"
            "<extra></extra>"
        ),
        xgap=0,
        ygap=1 if len(names) <= 60 else 0,
    )
    figure.update_yaxes(
        type="category",
        rangemode="normal",
        tickfont={"size": 10},
        showgrid=False,
        nticks=min(len(names), 40),
    )
    _days(figure, times)
    return figure


def forecast_chart(
    forecast: xr.DataArray, truth: xr.DataArray | None, unit: str, height_px: int = 250
) -> go.Figure:
    """Return the chart of a forecast (sample, time) with its band and the measured (time,)."""
    times = clock(forecast.to_dataset(name="forecast").assign_attrs(forecast.attrs))
    unit = in_figure(unit)
    figure = axes("Forecast", unit, height_px)
    shade_weekends(figure, times)
    low, high = (forecast.quantile(level, "sample").to_numpy() for level in (0.1, 0.9))
    figure.add_scatter(
        x=np.concatenate([times, times[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        mode="lines",
        name="P10–P90",
        hoverinfo="skip",
    )
    _line(figure, None, times, forecast.mean("sample"), "Mean forecast", TEAL, unit, width=1.6)
    if truth is not None:
        _line(figure, None, times, truth, "Measured", AMBER, unit, width=1.4)
    figure.update_layout(showlegend=True, legend=_legend())
    _days(figure, times)
    return figure


def intervals(mask: Mask) -> list[tuple[int, int]]:
    """Return first and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _line(
    figure: go.Figure,
    row: int | None,
    times: pd.DatetimeIndex,
    values: xr.DataArray | Floats,
    name: str,
    colour: str,
    unit: str,
    *,
    width: float = 1.2,
    dash: str | None = None,
) -> None:
    figure.add_scatter(
        x=times,
        y=np.asarray(values),
        mode="lines",
        name=name,
        legendgroup=name,
        line={"width": width, "color": colour, "dash": dash},
        hovertemplate=f"{name}, %{{x|%a %d %b %H:%M}}<br>%{{y:.3~g}} {unit}<extra></extra>",
        row=row,
        col=None if row is None else 1,
        showlegend=row in (None, 1),
    )


def _shade(
    figure: go.Figure, times: pd.DatetimeIndex, first: int, last: int, colour: str, row: int = 0
) -> None:
    half = pd.Timedelta(minutes=30)
    figure.add_vrect(
        x0=times[first] - half,
        x1=times[last] + half,
        fillcolor=colour,
        line_width=0,
        layer="below",
        row=row or "all",
        col=1,
    )


def _days(figure: go.Figure, times: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> None:
    """Label the days below a chart, or the hours if it shows two days or fewer."""
    long = len(times) > 48
    figure.update_xaxes(
        tickformat="%a %d" if long else "%H:%M",
        dtick=86_400_000 if long else 6 * 3_600_000,
        tick0=times[0].normalize(),
        range=[times[0], times[-1]],
    )


def _tall(rows: int, row_px: float) -> int:
    return int(min(640, max(170, 60 + row_px * rows)))


def _legend() -> dict[str, object]:
    return {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1.0,
        "yanchor": "bottom",
        "font": {"size": 11},
    }
