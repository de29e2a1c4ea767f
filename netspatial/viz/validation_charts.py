"""A validation in a city as figures: scores of the models, reliability of ranges, map of errors."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pydeck as pdk

from netspatial.runs.kinds.validation_result import OURS, ZERO_SHOT
from netspatial.viz.city_map import disc_layer
from netspatial.viz.colours import Scale
from netspatial.viz.station_charts import AMBER, TEAL, axes
from netspatial.viz.wording import capitalised, quantity

MODELS = {
    OURS: "Measured stations used",
    "ours, own residuals": "The same, own residuals",
    ZERO_SHOT: "Model alone",
}
"""Our models in words; baselines are shown by their own names."""
SPLITS = {"blocks": "Spatial blocks", "random": "Random folds"}
COLUMNS = {
    "model": "Model",
    "crps": "CRPS",
    "cov90": "90 % range",
    "level_r2": "Level R²",
    "weekly_r": "Weekly r",
}
MARKED = (0.5, 0.8, 0.9)
"""Ranges that are marked in the reliability plot."""
FARTHEST = 3.0
"""End of the colour scale of ratios: three times too much or too little."""


def model_name(model: str) -> str:
    """Return a model's name in words."""
    return MODELS.get(model, capitalised(model))


def scores_table(table: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the scores of one split, the best model first.

    table : `ValidationRun.table`; the coverage becomes per cent, as text: some models have none
    """
    rows = table[table["split"] == split].sort_values("crps", ignore_index=True)
    held = ["–" if np.isnan(share) else f"{100 * share:.0f}" for share in rows["cov90"]]
    shown = rows.assign(model=rows["model"].map(model_name), cov90=held)
    return shown[list(COLUMNS)].rename(columns=COLUMNS)


def reliability_chart(coverage: pd.DataFrame, model: str = OURS, height_px: int = 360) -> go.Figure:
    """Return the chart of observed over nominal coverage of a model's ranges, a line per split.

    coverage : `ValidationRun.coverage`. On the diagonal the ranges are right; below it they are too
    narrow, above it too wide.
    """
    figure = axes("Are the ranges right?", "hours inside the range, %", height_px)
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="Right",
        line={"color": "#8a8f92", "dash": "dot", "width": 1.5},
        hoverinfo="skip",
    )
    for (split, title), colour in zip(SPLITS.items(), (TEAL, AMBER), strict=True):
        rows = coverage[(coverage["split"] == split) & (coverage["model"] == model)]
        if rows.empty:
            continue
        rows = rows.sort_values("nominal")
        marked = np.isclose(rows["nominal"].to_numpy()[:, None], MARKED, atol=1e-3).any(axis=1)
        figure.add_scatter(
            x=100 * rows["nominal"],
            y=100 * rows["observed"],
            mode="lines+markers",
            name=title,
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": np.where(marked, 9, 4)},
            hovertemplate=f"{title}<br>%{{x:.0f}} % range: %{{y:.0f}} % of the hours"
            "<extra></extra>",
        )
    figure.update_xaxes(
        title={"text": "nominal range, %", "font": {"size": 12}},
        range=[0, 100],
        tickvals=[0, 25, *(100 * level for level in MARKED), 100],
    )
    figure.update_yaxes(range=[0, 100], nticks=6)
    figure.update_layout(
        showlegend=True,
        legend={"x": 0.02, "y": 0.98, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
    )
    return figure


def reliability_words(coverage: pd.DataFrame, model: str = OURS) -> str:
    """Return the text alternative of the reliability chart."""
    said = []
    for split, title in SPLITS.items():
        rows = coverage[(coverage["split"] == split) & (coverage["model"] == model)]
        for level in MARKED:
            near = rows[np.isclose(rows["nominal"], level, atol=1e-3)]
            said += [
                f"{title}: the {100 * level:.0f} % range contains {100 * observed:.0f} % of hours"
                for observed in near["observed"]
            ]
    return "; ".join(said)


def error_scale() -> Scale:
    """Return the colours of the ratio of estimated to measured mean traffic."""
    return Scale.around_one(FARTHEST, "estimated ÷ measured")


def error_layer(stations: pd.DataFrame, unit: str, map_version: int = 0) -> pdk.Layer:
    """Return the layer of held-out stations, coloured by estimated over measured mean traffic.

    stations : station_id, lon, lat, measured, estimated, log_error, cov90; unit : of the traffic
    """
    ratio = np.exp(stations["log_error"].to_numpy(dtype=float))
    data = pd.DataFrame(
        {
            "lon": stations["lon"],
            "lat": stations["lat"],
            "title": stations["station_id"],
            "colour": error_scale().colours(ratio).tolist(),
            "detail": [
                f"estimated {quantity(estimated, unit)}, measured {quantity(measured, unit)}: "
                f"{ratio_words(factor)} · {100 * inside:.0f} % of the hours in the 90 % range"
                for estimated, measured, factor, inside in zip(
                    stations["estimated"],
                    stations["measured"],
                    ratio,
                    stations["cov90"],
                    strict=True,
                )
            ],
        }
    )
    return disc_layer(data, map_version)


def ratio_words(ratio: float) -> str:
    """Return how far an estimate is off, for example '40 % too high'."""
    off = round(100 * (ratio - 1))
    if off == 0:
        return "exact"
    return f"{abs(off):.0f} % too {'high' if off > 0 else 'low'}"
