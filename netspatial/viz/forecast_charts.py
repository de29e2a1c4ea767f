"""Charts of forecasts: one place's hours with actual traffic and baselines; weights of cities."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from netspatial.plain_text import in_figure
from netspatial.viz.ensemble_charts import BAND
from netspatial.viz.station_charts import AMBER, TEAL, axes
from netspatial.viz.wording import service_name

BASELINE_COLOURS = ("#8a6fb0", "#8a8f92", "#b5651d", "#4c7a34", "#a23b72", "#3d5a9e", "#6b5b2e")
LOW, HIGH = "q0.05", "q0.95"
MAX_SHOWN = 12

CONFIGURED = {
    "density": "density",
    "height": "antennas",
    "tilt_deg": "tilt, °",
    "carrier_ghz": "GHz",
    "load": "load",
    "workers": "workers",
    "visitors": "visitors",
    "calls": "calls",
    "messages": "messages",
    "residual_scale": "residual scale",
}
"""Parameters of a simulated city that its tooltip shows, with their labels."""


def hours_chart(
    rows: pd.DataFrame, baselines: Mapping[str, str], timezone: str, height_px: int = 330
) -> go.Figure:
    """Return the chart of one place and service: median, band, actual traffic and baselines.

    rows      : of one place and service, from the table `runs.kinds.forecasting.FORECASTS`
    baselines : column and title of each
    """
    unit = in_figure(rows["unit"].iloc[0])
    times = rows["time"].dt.tz_convert(timezone).dt.tz_localize(None)
    figure = axes("Forecast", unit, height_px)
    figure.add_scatter(
        x=pd.concat([times, times[::-1]]),
        y=pd.concat([rows[HIGH], rows[LOW][::-1]]),
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        mode="lines",
        name="P5–P95",
        hoverinfo="skip",
    )
    lines = [
        ("forecast", "Median", TEAL, "solid", 2.0),
        ("truth", "Actual", AMBER, "solid", 2.0),
    ]
    lines += [
        (column, title, colour, "dot", 1.3)
        for (column, title), colour in zip(baselines.items(), BASELINE_COLOURS, strict=False)
    ]
    for column, title, colour, dash, width in lines:
        figure.add_scatter(
            x=times,
            y=rows[column],
            mode="lines",
            name=title,
            line={"color": colour, "dash": dash, "width": width},
            hovertemplate=f"{title} %{{x|%a %H:%M}}<br>%{{y:.3~g}} {unit}<extra></extra>",
        )
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top", "font": {"size": 11}},
    )
    return figure


def errors_table(scores: Sequence[Mapping[str, object]], titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the table of mean absolute errors: one row per service, one column per method.

    scores : from `runs.kinds.forecasting.scores`
    titles : title of each column, of the forecast and the baselines
    """
    rows = []
    for one in scores:
        mae = one["mae"]
        if isinstance(mae, Mapping):
            errors = {title: float(mae[column]) for column, title in titles.items()}
            rows.append(
                {
                    "Service": service_name(str(one["service"])),
                    "Unit": one["unit"],
                    "Mean": one["mean"],
                    **errors,
                    "Within P5–P95": one["covered"],
                }
            )
    return pd.DataFrame(rows)


def weights_chart(simulation_weights: pd.DataFrame, height_px: int = 330) -> go.Figure:
    """Return the bar chart of the training weights of simulated cities, the largest on top.

    simulation_weights : from `forecast.configurations.weights_by_configuration`; their mean is 1
    """
    shown = simulation_weights.head(MAX_SHOWN).iloc[::-1]
    figure = axes("Weight of simulated cities", "1 is the mean", height_px)
    figure.add_bar(
        x=shown["weight"],
        y=[f"city {number}" for number in shown["number"]],
        orientation="h",
        marker={"color": TEAL},
        customdata=[described(row) for _, row in shown.iterrows()],
        hovertemplate="%{y}: weight %{x:.2f}<br>%{customdata}<extra></extra>",
    )
    figure.add_vline(x=1.0, line={"color": AMBER, "dash": "dot", "width": 1.5})
    figure.update_yaxes(rangemode="normal", nticks=MAX_SHOWN)
    return figure


def described(row: "pd.Series[float]") -> str:
    """Return the configuration of a simulated city in one line."""
    return " · ".join(f"{words} {row[name]:.2g}" for name, words in CONFIGURED.items())
