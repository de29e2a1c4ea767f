"""One cell in detail: why it was selected or not, its samples, and its surroundings."""

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import shapely
import streamlit as st
import xarray as xr
from markupsafe import Markup
from PIL import Image, ImageDraw
from pyproj import CRS

from netspatial.city.city import City
from netspatial.context.features.categories import KIND_NAMES
from netspatial.plain_text import in_markdown
from netspatial.plan.level_range import half_range
from netspatial.runs.kinds.plan_result import RerankedPlan
from netspatial.templates import render
from netspatial.ui.plan import cell_overrides
from netspatial.ui.plan.plan_view import ensemble_of, stamp
from netspatial.viz.ensemble_charts import (
    busiest_hour,
    day_chart,
    duration_chart,
    samples_chart,
    week_chart,
)
from netspatial.viz.plan_map import short_id, why_closed
from netspatial.viz.wording import number, quantity

PATCH_M = 640.0
"""Side of the image patch that the model reads around a cell, metres."""
PATCH_PX = 256
MAX_KINDS = 6
PICTURE = {"displaylogo": False, "modeBarButtons": [["toImage"]]}
"""Charts show one button only: save as a picture."""


def cell_detail(plan: RerankedPlan, cell_id: str) -> None:
    """Show one cell of the plan."""
    cells = plan.plan.cells
    row = cells.loc[cells["cell_id"] == cell_id].iloc[0]
    traffic = ensemble_of(plan.folder, stamp(plan.run), cell_id)
    _heading(plan, row)
    _numbers(plan, row, traffic)
    with st.container(gap=None, key="cell-charts"):
        _chart("futures", samples_chart(traffic), "Every hour of the generated month")
        left, right = st.columns(2, gap="small")
        with left:
            _chart("day", day_chart(traffic), "Mean weekday and weekend day")
        with right:
            _chart("duration", duration_chart(traffic), "Load against the share of hours")
        _chart("week", week_chart(traffic), "Mean week")
    _context(plan.city, row, cells.crs, plan.request.cell_m)


def verdict(plan: RerankedPlan, row: "pd.Series[Any]") -> str:
    """Return why a cell was selected, or why not."""
    sites = plan.plan.sites
    reason = sites.loc[sites["cell_id"] == row["cell_id"], "rationale"]
    if len(reason):
        return str(reason.iloc[0])
    if row["status"] == "not feasible":
        return f"Building is not allowed here: {why_closed(row['reason'])}."
    if row["status"] == "below minimum demand":
        floor = plan.plan.demand_floor
        return (
            f"Not considered: {quantity(float(row['demand_mean']), floor.unit)} on average is "
            f"below the minimum demand of {quantity(floor.floor, floor.unit)} ({floor.why})."
        )
    if row["status"] == "excluded":
        return "You excluded this cell; it is never selected."
    place = int(row["utility_rank"])
    return (
        f"Not among the {len(sites)} sites: rank {place} of "
        f"{plan.plan.demand_floor.kept} candidates by {plan.plan.utility.title}. The "
        "selection method preferred other cells."
    )


def reason_html(text: str) -> Markup:
    """Return the escaped HTML of a reason: its first sentence, the others folded."""
    first, stop, rest = text.partition(". ")
    return render("ui/plan/reason.html", first=first + stop, rest=rest)


def poi_mix(row: "pd.Series[Any]") -> list[tuple[str, int]]:
    """Return the most frequent kinds of points of interest around a cell with their counts."""
    counts = [(name, int(row[f"poi_{name}"])) for name in KIND_NAMES if f"poi_{name}" in row]
    return sorted(((n, c) for n, c in counts if c), key=lambda pair: -pair[1])[:MAX_KINDS]


def patch_picture(city: City, shape: shapely.Polygon, crs: CRS) -> Image.Image | None:
    """Return the image around a cell with the cell outlined; None if the city has no image.

    shape : the cell, in `crs`, metres
    """
    if not city.has("imagery"):
        return None
    centre, half = shape.centroid, PATCH_M / 2
    left, top = centre.x - half, centre.y + half
    view = city.imagery.view(
        (left, centre.y - half, centre.x + half, top), crs, shape=(PATCH_PX, PATCH_PX)
    )
    picture = Image.fromarray(np.where(view.valid[..., None], view.rgb, 120).astype(np.uint8))
    corners = (shapely.get_coordinates(shape) - (left, top)) * (1, -1) * PATCH_PX / PATCH_M
    ImageDraw.Draw(picture).line([tuple(c) for c in corners.tolist()], fill="white", width=2)
    return picture


def picture_html(picture: Image.Image, caption: str) -> Markup:
    """Return the HTML of a small embedded picture with its caption."""
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=85)
    uri = f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"
    return render("ui/plan/patch.html", uri=uri, caption=caption)


def _heading(plan: RerankedPlan, row: "pd.Series[Any]") -> None:
    rank, name = row["rank"], short_id(row["cell_id"])
    title = f"Cell {name}" if pd.isna(rank) else f"Site {int(str(rank))}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, width="content")
        where = f"cell {name} · {row['lat']:.5f}, {row['lon']:.5f}"
        st.caption(where, width="content", help=f"Id {row['cell_id']}; latitude, longitude.")
    st.html(reason_html(verdict(plan, row)))
    cell_overrides.buttons(
        str(row["cell_id"]), plan.plan.settings, feasible=row["status"] != "not feasible"
    )


def _numbers(plan: RerankedPlan, row: "pd.Series[Any]", traffic: xr.DataArray) -> None:
    shown = plan.plan
    hour, level = busiest_hour(traffic)
    samples = shown.samples
    demand, utility, peak, certain = st.columns([1.2, 1, 1, 1], gap="xsmall")
    demand.metric(
        "Demand",
        in_markdown(quantity(float(row["demand_mean"]), shown.demand_unit)),
        help=in_markdown(_spread(row, "demand", shown.demand_unit)),
    )
    utility.metric(
        "Utility",
        number(float(row["utility_mean"])),
        help=in_markdown(
            f"{shown.utility.title} in {shown.unit or 'no unit'}. "
            + _spread(row, "utility", shown.unit)
        ),
    )
    peak.metric(
        "Peak",
        f"{hour:02d}–{(hour + 1) % 24:02d} h",
        help=in_markdown(
            f"On average {quantity(level, shown.demand_unit)} in this hour of the local day."
        ),
    )
    certain.metric(
        "Selected",
        f"{int(row['selected_in'])} of {samples}",
        help=f"Selected in {int(row['selected_in'])} of {samples} samples: the plan is repeated "
        "with each sample alone.",
    )


def _spread(row: "pd.Series[Any]", name: str, unit: str) -> str:
    low, high = (float(row[f"{name}_{end}"]) for end in ("p10", "p90"))
    return f"80 % range: {number(low)} to {quantity(high, unit)}."


def _chart(name: str, figure: object, alt: str) -> None:
    st.plotly_chart(figure, config=PICTURE, key=f"cell-{name}", alt=alt)


def _context(city: City, row: "pd.Series[Any]", crs: CRS, cell_m: float) -> None:
    st.markdown("**Surroundings**")
    picture_side, words = st.columns([2, 3], gap="medium")
    shape = row["geometry"]
    picture = patch_picture(city, shape, crs) if isinstance(shape, shapely.Polygon) else None
    with picture_side:
        if picture is None:
            st.caption("This city has no image.")
        else:
            caption = f"{PATCH_M:.0f} × {PATCH_M:.0f} m, cell of {cell_m:g} m outlined"
            st.html(picture_html(picture, caption))
    with words:
        st.html(_surroundings(row))


def _surroundings(row: "pd.Series[Any]") -> Markup:
    """Return the HTML of what surrounds a cell: places, the nearest station, measured stations."""
    mix = poi_mix(row)
    most = max((count for _, count in mix), default=1)
    station, known = row.get("nearest_station"), _measured_stations(row)
    return render(
        "ui/plan/surroundings.html",
        places=int(row.get("pois", 0)),
        mix=[(name, count, 100 * count / most) for name, count in mix],
        nearest=station if isinstance(station, str) else "",
        nearest_m=row.get("nearest_station_m"),
        measured=known,
        level_range=range_words(row) if known and "level_sd_far" in row else "",
    )


def _measured_stations(row: "pd.Series[Any]") -> list[tuple[str, float, float]]:
    """Return the measured stations of most weight: name, distance in metres, weight."""
    return [
        (str(row[f"station_{at}"]), float(row[f"distance_{at}"]), float(row[f"weight_{at}"]))
        for at in (1, 2, 3)
        if isinstance(row.get(f"station_{at}"), str)
    ]


def range_words(row: "pd.Series[Any]") -> str:
    """Return how wide the range of a cell's mean load is, here and far from any station."""
    here, far = (float(half_range(row[name])) for name in ("level_sd", "level_sd_far"))
    wider = 100 * (far / here - 1)
    if wider < 1:
        return f"± {here:.0f} %, as far from any station"
    return f"± {here:.0f} %; far from any station ± {far:.0f} %, {wider:.0f} % wider"
