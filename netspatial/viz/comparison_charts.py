"""Charts of two runs in one figure: the first in teal, the second in amber."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from netspatial.arrays import AnyFloats
from netspatial.plain_text import in_figure
from netspatial.viz.ensemble_charts import duration_curves
from netspatial.viz.plan_map import short_id
from netspatial.viz.station_charts import axes

NAMES = {"a": "First", "b": "Second"}


COLOURS = {"a": "#2b8b93", "b": "#d98a1f"}
"""Teal and amber: the first and the second run in every chart."""


def rank_chart(sites: pd.DataFrame) -> go.Figure:
    """Return the chart of each site's rank in the first and in the second run.

    sites : cell_id, rank_a, rank_b; NA if a run did not select the cell
    """
    ranks = sites[["rank_a", "rank_b"]].astype(float)
    last = int(np.nanmax(ranks.to_numpy())) + 1
    figure = axes("Ranks", "", max(240, 60 + 26 * last))
    for name, a, b in zip(sites["cell_id"], ranks["rank_a"], ranks["rank_b"], strict=True):
        both = not (np.isnan(a) or np.isnan(b))
        colour = "#8a8f92" if both else COLOURS["a" if np.isnan(b) else "b"]
        figure.add_scatter(
            x=[0, 1],
            y=[last if np.isnan(a) else a, last if np.isnan(b) else b],
            mode="lines+markers",
            line={"width": 2 if both else 1.2, "color": colour, "dash": None if both else "dot"},
            marker={"size": 7, "color": colour},
            name=short_id(str(name)),
            hovertemplate=f"{short_id(str(name))}: {_rank(a)} → {_rank(b)}<extra></extra>",
        )
    figure.update_yaxes(
        autorange="reversed",
        rangemode="normal",
        showgrid=False,
        zeroline=False,
        tickvals=[*range(1, last), last],
        ticktext=[*map(str, range(1, last)), "not selected"],
    )
    figure.update_xaxes(tickvals=[0, 1], ticktext=["First", "Second"], range=[-0.08, 1.08])
    return figure


def distribution_chart(values: Mapping[str, AnyFloats], title: str, unit: str) -> go.Figure:
    """Return the histograms of a quantity in both runs, in % of its values.

    values : by side, any number of values
    """
    unit = in_figure(unit)
    figure = axes(title, unit, 230)
    known = {side: np.asarray(some)[np.isfinite(some)] for side, some in values.items()}
    joined = np.concatenate(list(known.values()))
    edges = np.linspace(float(joined.min()), float(joined.max()) or 1.0, 31)
    for side, some in known.items():
        counts, _ = np.histogram(some, edges)
        figure.add_scatter(
            x=(edges[1:] + edges[:-1]) / 2,
            y=100 * counts / max(len(some), 1),
            mode="lines",
            line={"shape": "hvh", "width": 1.6, "color": COLOURS[side]},
            fill="tozeroy",
            name=NAMES[side],
            hovertemplate=f"{NAMES[side]}: %{{x:.3~g}} {unit}, %{{y:.1f}} %<extra></extra>",
        )
    figure.update_yaxes(ticksuffix=" %")
    _legend(figure)
    return figure


def duration_chart(values: Mapping[str, AnyFloats], title: str, unit: str) -> go.Figure:
    """Return the duration curves of both runs: level against the share of hours above it.

    values : by side, (series, hour); the mean over the series is drawn
    """
    unit = in_figure(unit)
    figure = axes(title, unit, 230)
    for side, some in values.items():
        curve = duration_curves(np.asarray(some)).mean(axis=0)
        figure.add_scatter(
            x=np.linspace(0, 100, len(curve)),
            y=curve,
            mode="lines",
            name=NAMES[side],
            line={"width": 1.8, "color": COLOURS[side]},
            hovertemplate=f"{NAMES[side]}: %{{x:.0f}} % of the hours above %{{y:.3~g}} {unit}"
            "<extra></extra>",
        )
    figure.update_xaxes(ticksuffix=" %", range=[0, 100], nticks=5)
    _legend(figure)
    return figure


def hourly_chart(values: Mapping[str, pd.Series], title: str, unit: str) -> go.Figure:
    """Return the chart of one number per hour of both runs, against hours from the start."""
    unit = in_figure(unit)
    figure = axes(title, unit, 230)
    for side, some in values.items():
        figure.add_scatter(
            x=np.arange(len(some)),
            y=some.to_numpy(),
            mode="lines",
            name=NAMES[side],
            line={"width": 1.6, "color": COLOURS[side], "shape": "hv"},
            customdata=some.index,
            hovertemplate=f"{NAMES[side]}, %{{customdata}}: %{{y:.3~g}} {unit}<extra></extra>",
        )
    figure.update_xaxes(title="hours from the start", dtick=24)
    _legend(figure)
    return figure


def _rank(value: float) -> str:
    return "not selected" if np.isnan(value) else f"rank {value:.0f}"


def _legend(figure: go.Figure) -> None:
    figure.update_layout(
        showlegend=True,
        legend={"x": 1, "xanchor": "right", "y": 1.0, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
    )
