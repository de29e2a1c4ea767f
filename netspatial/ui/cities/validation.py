"""The result of a validation in a city: advice, scores, reliability of ranges, map of errors."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from netspatial.city.city import City
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds.validating import ValidateRequest
from netspatial.runs.kinds.validation_result import ADVICE, KIND, OURS, ZERO_SHOT, ValidationRun
from netspatial.ui.components import address, cache
from netspatial.ui.components.library import city_version
from netspatial.ui.components.panels import legend
from netspatial.ui.plan.cell_detail import PICTURE
from netspatial.ui.plan.generation import pick_model
from netspatial.ui.server import workspace
from netspatial.viz import city_map
from netspatial.viz.validation_charts import (
    MODELS,
    SPLITS,
    error_layer,
    error_scale,
    model_name,
    reliability_chart,
    reliability_words,
    scores_table,
)
from netspatial.viz.wording import service_name

PROTOCOLS = {"same": "The measured weeks", "coming": "Coming weeks"}
LOOKS: dict[str, tuple[str, Any]] = {
    "use measured": (":material/check_circle:", st.success),
    "fine-tune": (":material/model_training:", st.warning),
    "too few stations": (":material/sensors:", st.warning),
}
"""Icon and box of each verdict."""
SPLIT_HELP = {
    "blocks": "Whole blocks are held out: as in a district without any measured station.",
    "random": "Single stations are held out: as a new site among measured ones.",
}
SCORE_HELP = {
    "CRPS": "Continuous ranked probability score over the 99.9 % quantile of the city's traffic; "
    "lower is better.",
    "90 % range": "Share of the measured hours in the 90 % range, %; 90 is right. Models with too "
    "few samples have none.",
    "Level R²": "Explained variance of the log mean traffic of the stations; 1 is perfect, 0 no "
    "better than their mean.",
    "Weekly r": "Median correlation of the mean weeks; 1 is perfect.",
}
FORMATS: dict[Any, str | Callable[[object], str] | None] = {
    "CRPS": "{:.4f}",
    "Level R²": "{:.2f}",
    "Weekly r": "{:.2f}",
}
WIDTHS_PX = {"Model": 162, "CRPS": 66, "90 % range": 80, "Level R²": 70, "Weekly r": 70}
"""Widths of columns with which both tables fit beside each other on a screen of 1280 pixels."""
MAP_PX = 420


def finished_runs(city: Path) -> list[Run]:
    """Return the finished validations of a city that the user may view, the newest first."""
    return [
        run
        for run in workspace.runs()
        if run.manifest.kind == KIND
        and run.path(ADVICE).is_file()
        and run.progress().state == "finished"
        and Path(ValidateRequest.of(run).city) == city.resolve()
    ]


def title_of(run: Run) -> str:
    """Return the title of a validation in a list."""
    asked = ValidateRequest.of(run)
    weeks = "coming weeks" if asked.protocol == "coming" else "measured weeks"
    return (
        f"{run.manifest.created:%d %b %H:%M}: {asked.folds} folds, blocks of "
        f"{asked.block_km:g} km, {weeks}, {service_name(asked.service).lower()} traffic"
    )


def chosen(city: City, shown: ValidateRequest | None) -> dict[str, Any]:
    """Return the settings that the user makes; those of the shown run are the defaults."""
    base = shown or ValidateRequest(city=str(city.folder))
    st.subheader("Validation", anchor=False)
    left, right = st.columns(2)
    folds = address.number(
        left,
        "Folds",
        "folds",
        base.folds,
        2,
        20,
        1,
        "The stations are split into so many parts; each is held out once.",
    )
    block_m = address.number(
        right,
        "Block side, m",
        "block_m",
        round(1000 * base.block_km),
        100,
        20_000,
        100,
        "In the second split, stations are held out by square blocks of this side.",
    )
    protocol = address.pick(
        "Estimate",
        "protocol",
        PROTOCOLS,
        base.protocol,
        "The measured weeks: the other stations are known in the same hours. Coming weeks: the "
        "first half of the weeks is known, the second is estimated.",
    )
    with city.traffic:
        services = {name: service_name(name) for name in city.services}
    service = address.pick(
        "Traffic",
        "service",
        services,
        base.service if base.service in services else next(iter(services)),
    )
    return {
        "folds": folds,
        "block_km": block_m / 1000,
        "protocol": protocol,
        "service": service,
        "model": pick_model(base.model),
    }


def validation_panel(run: ValidationRun, city: City) -> None:
    """Show a finished validation."""
    icon, box = LOOKS[run.advice["verdict"]]
    box(f"**{in_markdown(run.advice['sentence'])}** {run.advice['ranges']}", icon=icon)
    _figures(run)
    splits = [split for split in SPLITS if (run.table["split"] == split).any()]
    for split, column in zip(splits, st.columns(len(splits), gap="medium"), strict=True):
        with column:
            _scores(run, split)
    chart_side, map_side = st.columns([2, 3], gap="medium")
    with chart_side:
        st.plotly_chart(
            reliability_chart(run.coverage, height_px=MAP_PX),
            config=PICTURE,
            key="reliability",
            alt=reliability_words(run.coverage),
        )
        st.caption(
            "Below the dotted line the ranges are too narrow, above it too wide. The larger dots "
            "are the 50 %, 80 % and 90 % ranges."
        )
    with map_side:
        _map(run, city, splits)
    _notes(run)


def _figures(run: ValidationRun) -> None:
    advice, rows = run.advice, run.table
    judged = rows[rows["support"] == "all"] if (rows["support"] == "all").any() else rows
    judged = judged[judged["split"] == "blocks"].set_index("model")
    ours, alone = judged.loc[OURS], judged.loc[ZERO_SHOT]
    gain, lead, inside, level = st.columns(4)
    gain.metric(
        "Error against the model alone",
        f"{-advice['gain']:+.0f} %",
        help=f"CRPS of spatial blocks: {ours['crps']:.4f} with, "
        f"{alone['crps']:.4f} without measured stations.",
    )
    lead.metric(
        "Error against the best baseline",
        f"{-advice['lead']:+.0f} %",
        help=in_markdown(f"The best baseline in spatial blocks is “{advice['baseline']}”."),
    )
    inside.metric(
        "Hours in the 90 % range",
        f"{100 * ours['cov90']:.0f} %",
        help="90 % is right; of stations whose whole block was held out.",
    )
    level.metric(
        "Level R²",
        f"{ours['level_r2']:.2f}",
        help="Explained variance of the log mean traffic of stations whose block was held out.",
    )


def _scores(run: ValidationRun, split: str) -> None:
    st.markdown(f"**{SPLITS[split]}**", help=SPLIT_HELP[split])
    rows = run.table
    supports = list(dict.fromkeys(rows["support"]))
    for support in supports:
        if len(supports) > 1:
            st.caption(f"{support} stations read")
        table = scores_table(rows[rows["support"] == support], split)
        st.dataframe(
            table.style.apply(_marked, axis=1).format(FORMATS),
            hide_index=True,
            height="content",
            key=f"scores-{split}-{support}",
            column_config=_columns(),
            alt=f"Scores of every model, {SPLITS[split].lower()}, the best first",
        )


def _columns() -> dict[Any, Any]:
    """Return width, alignment and help text of each column."""
    return {
        name: st.column_config.Column(
            width=width,
            help=SCORE_HELP.get(name),
            alignment="right" if name in SCORE_HELP else "left",
        )
        for name, width in WIDTHS_PX.items()
    }


def _marked(row: "pd.Series[Any]") -> list[str]:
    """Return the style of a row: ours is marked, in a colour for the light and the dark theme."""
    style = "background-color: rgba(43, 139, 147, 0.22)" if row["Model"] == MODELS[OURS] else ""
    return [style] * len(row)


def _map(run: ValidationRun, city: City, splits: list[str]) -> None:
    table = run.stations
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Where it errs**", width="content")
        split = address.switch("Split", "split", {s: SPLITS[s] for s in splits}, splits[0])
        models = {name: model_name(name) for name in (OURS, ZERO_SHOT)}
        model = address.switch("Model", "of", models, OURS)
    support = "all" if (table["support"] == "all").any() else table["support"].iloc[-1]
    rows = table[
        (table["split"] == split) & (table["model"] == model) & (table["support"] == support)
    ]
    points = pd.DataFrame(rows.drop(columns="geometry")).assign(
        lon=rows.geometry.x.to_numpy(), lat=rows.geometry.y.to_numpy()
    )
    layers = []
    if city.has("imagery"):
        layers.append(
            city_map.image_layer(cache.served_backdrop(city.folder, city_version(city.folder)))
        )
    layers.append(error_layer(points, str(run.facts["units"])))
    view = city_map.viewpoint(city.record.bounds)
    view.zoom = float(view.zoom) + math.log2((MAP_PX - 30) / city_map.LOOKS["flat"].side_px)
    st.pydeck_chart(
        city_map.city_map(layers, view),
        height=MAP_PX,
        key=f"errors-{run.run.name}",
        alt="Held-out stations, coloured by estimated over measured mean traffic",
    )
    st.html(legend("Mean traffic", error_scale(), some_unknown=False))


def _notes(run: ValidationRun) -> None:
    facts, asked = run.facts, run.request
    for note in (run.advice["rule"], *facts["notes"]):
        st.caption(in_markdown(note))
    st.caption(
        in_markdown(
            f"{facts['stations']} stations of {facts['city']['name']} "
            f"({facts['city']['provenance']}) in {asked['folds']} folds; blocks of "
            f"{asked['block_km']:g} km. Model “{facts['generator']['name']}”, trained on "
            f"{facts['generator']['trained_on']} traffic. {'; '.join(facts['attribution'])}."
        )
    )
    stations = pd.DataFrame(run.stations.drop(columns="geometry"))
    with st.container(horizontal=True):
        for label, rows, name in (
            ("Scores (CSV)", run.table, "scores"),
            ("Stations (CSV)", stations, "stations"),
        ):
            st.download_button(
                label,
                data=rows.to_csv(index=False).encode(),
                file_name=f"{run.run.name}-{name}.csv",
                mime="text/csv",
                key=f"download-{name}",
                on_click="ignore",
                icon=":material/download:",
            )
