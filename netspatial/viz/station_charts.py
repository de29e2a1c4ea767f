"""Charts of one station's traffic in local time: month, mean week and mean day.

Fonts and grids come from the app's theme; the two line colours are legible in its light and its
dark theme, and with colour vision deficiency.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import xarray as xr

from netspatial.plain_text import in_figure
from netspatial.timeline import HOURS_PER_WEEK, daily_profile, local_times, weekly_profile
from netspatial.viz.wording import quantity

TEAL = "#2b8b93"
AMBER = "#d98a1f"
SHADE = "rgba(128, 134, 138, 0.16)"
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def month_chart(traffic: xr.DataArray, height_px: int = 165) -> go.Figure:
    """Return the chart of one station's traffic over (time,), with the weekends shaded."""
    unit = in_figure(traffic.attrs["units"])
    # Plotly supports no time zones, so it gets local times without one.
    times = local_times(traffic).tz_localize(None)
    figure = axes("Month", unit, height_px)
    shade_weekends(figure, times)
    figure.add_scatter(
        x=times,
        y=traffic.to_numpy(),
        mode="lines",
        line={"width": 1.1, "color": TEAL},
        hovertemplate=f"%{{x|%a %d %b %H:%M}}<br>%{{y:.3~g}} {unit}<extra></extra>",
    )
    weeks(figure, times)
    return figure


def weekly_chart(traffic: xr.DataArray, height_px: int = 150) -> go.Figure:
    """Return the chart of the mean week of traffic over (time,), Monday 00:00 first."""
    unit = in_figure(traffic.attrs["units"])
    profile = weekly_profile(traffic)
    hours = profile["hour_of_week"].to_numpy()
    figure = axes("Mean week", unit, height_px)
    figure.add_scatter(
        x=hours,
        y=profile.to_numpy(),
        mode="lines",
        line={"width": 1.6, "color": TEAL},
        customdata=[hour_label(hour) for hour in hours],
        hovertemplate=f"%{{customdata}}<br>%{{y:.3~g}} {unit}<extra></extra>",
    )
    days_of_week(figure)
    return figure


def daily_chart(traffic: xr.DataArray, height_px: int = 150) -> go.Figure:
    """Return the chart of the mean weekday and the mean weekend day of traffic over (time,)."""
    unit = in_figure(traffic.attrs["units"])
    figure = axes("Mean day", unit, height_px)
    for days, name, colour in (("weekday", "Mon–Fri", TEAL), ("weekend", "Sat–Sun", AMBER)):
        profile = daily_profile(traffic, days=days)
        figure.add_scatter(
            x=profile["hour"].to_numpy(),
            y=profile.to_numpy(),
            mode="lines",
            name=name,
            line={"width": 1.8, "color": colour},
            hovertemplate=f"{name} %{{x:02d}}:00<br>%{{y:.3~g}} {unit}<extra></extra>",
        )
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
    )
    hours_of_day(figure)
    return figure


def described(traffic: xr.DataArray) -> str:
    """Return the text alternative of the month's chart."""
    times = local_times(traffic)
    unit = traffic.attrs["units"]
    return (
        f"Hourly traffic from {times[0]:%d %B %Y} to {times[-1]:%d %B %Y}, between "
        f"{quantity(float(traffic.min()), unit)} and {quantity(float(traffic.max()), unit)}."
    )


def axes(title: str, unit: str, height_px: int) -> go.Figure:
    """Return an empty chart in the app's style with a title and a unit.

    unit : escaped by `in_figure`
    """
    figure = go.Figure()
    figure.update_layout(
        height=height_px,
        margin={"l": 4, "r": 8, "t": 24, "b": 4},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        annotations=[
            {
                "text": f"<b>{title}</b>   {unit}",
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 1,
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 13},
            }
        ],
    )
    figure.update_yaxes(rangemode="tozero", nticks=4, automargin=True)
    figure.update_xaxes(showgrid=False, automargin=True)
    return figure


def shade_weekends(figure: go.Figure, times: pd.DatetimeIndex) -> None:
    """Shade Saturdays and Sundays behind a chart over local time."""
    days = [day for day in times.normalize().unique() if day.day_of_week >= 5]
    _shade(figure, [(day, day + pd.Timedelta(days=1)) for day in days])


def _shade(figure: go.Figure, spans: Sequence[tuple[Any, Any]]) -> None:
    """Shade spans of the horizontal axis over the whole height."""
    figure.update_layout(
        shapes=[
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": first,
                "x1": last,
                "y0": 0,
                "y1": 1,
                "fillcolor": SHADE,
                "line": {"width": 0},
                "layer": "below",
            }
            for first, last in spans
        ]
    )


def weeks(figure: go.Figure, times: pd.DatetimeIndex) -> None:
    """Label the Mondays below a chart over local time."""
    first = times[0].normalize()
    monday = first + pd.Timedelta(days=(7 - first.day_of_week) % 7)
    figure.update_xaxes(tickformat="%d %b", dtick=7 * 86_400_000, tick0=monday)


def days_of_week(figure: go.Figure) -> None:
    """Label the days below a chart over the hours of the week, and shade the weekend."""
    _shade(figure, [(120, HOURS_PER_WEEK)])
    figure.update_xaxes(
        tickvals=[24 * day + 12 for day in range(7)], ticktext=DAYS, range=[0, HOURS_PER_WEEK - 1]
    )


def hours_of_day(figure: go.Figure) -> None:
    """Label every sixth hour below a chart over the hours of the day."""
    figure.update_xaxes(
        tickvals=list(range(0, 24, 6)), ticktext=[f"{hour:02d}:00" for hour in range(0, 24, 6)]
    )


def hour_label(hour: int) -> str:
    """Return the label of an hour of the week; 0 is Monday 00:00."""
    return f"{DAYS[hour // 24]} {hour % 24:02d}:00"
